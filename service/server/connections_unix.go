//go:build unix

package server

import "syscall"

// maxConnections is half of the descriptors that the process may have: the other half is for files, the database and
// the store.
func maxConnections() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return defaultConnections
	}
	return int(max(2, min(files.Cur/2, defaultConnections))) //nolint:gosec,unconvert // it is small; types differ between systems
}
