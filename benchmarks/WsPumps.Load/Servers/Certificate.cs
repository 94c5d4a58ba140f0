using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WsPumps.Load.Servers;

/// <summary>A certificate that nobody has signed; the load side does not look at it.</summary>
internal static class Certificate
{
    public static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
