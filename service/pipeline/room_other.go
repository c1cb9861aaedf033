//go:build !unix

package pipeline

// room knows nothing of the disk here: a full one shows when it is written to.
func room(string, int64) error { return nil }
