//go:build !linux

package media

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

const nobody = 0

// cage is what this host allows: nothing beyond the arguments of ffmpeg.
type cage struct{ limits, noNetwork, alone, unprivileged bool }

func strongest(context.Context, string) cage { return cage{} }

func (cage) prepare(*exec.Cmd, string) error { return nil }

func (cage) handOver(string) error { return nil }

// inputName is how a program opens its input. The name is absolute, because programs run in directories of their own.
func inputName(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return "file:" + path
}

// give opens the input only to find out whether it is there.
func (cage) give(_ *exec.Cmd, path string) (*os.File, error) { return os.Open(path) }

// signaled judges the end of a program by a signal; that cannot be told here.
func signaled(*os.ProcessState) (culprit, bool) { return "", false }
