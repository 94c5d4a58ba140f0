// The tests load the machine on purpose, and one of them looks at what the whole process leaves behind.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
