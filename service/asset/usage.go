package asset

// Usage is what the assets of a project take up, in bytes, as far as the service stored it: media that stay in the tenant's
// bucket are the tenant's.
type Usage struct {
	Assets  int64 // how many there are
	Copies  int64 // of sources, uploaded ones included
	Outputs int64 // snapshots, renditions, and what belongs to them
}
