package media

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// sandbox is what this host allows.
type sandbox struct {
	limits       bool
	noNetwork    bool
	alone        bool // no other processes to see, to signal, or to leave behind; it takes mount and setpriv
	unprivileged bool // another user than this program's, which is root; it takes setpriv
}

// nobody is the user and group of the sandboxed programs where the service runs as
// root. The input is opened, and the working directory entered, before root is given up.
const nobody = 65534

// sysAdmin is the capability to mount.
const sysAdmin = 21

// strongest finds the strongest sandbox in which the program still starts and opens its input.
func strongest(ctx context.Context, program string) sandbox {
	root := os.Geteuid() == 0
	for _, c := range []sandbox{
		{limits: true, noNetwork: true, alone: true, unprivileged: root},
		{limits: true, noNetwork: true, unprivileged: root},
		{limits: true, unprivileged: root},
		{limits: true, noNetwork: true},
		{limits: true},
	} {
		if c.holds(ctx, program) {
			return c
		}
	}
	return sandbox{}
}

func (c sandbox) holds(ctx context.Context, program string) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	input, err := os.CreateTemp("", "sandbox")
	if err != nil {
		return false
	}
	defer func() { _ = errors.Join(input.Close(), os.Remove(input.Name())) }() // it is empty
	name, args := c.command(Limits{}.withDefaults(), "/bin/sh", []string{"-c", `: <"$1" && exec "$2" -version`, "sh",
		strings.TrimPrefix(inputName(""), "file:"), program})
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	given, err := c.give(cmd, input.Name())
	if err != nil {
		return false
	}
	defer func() { _ = given.Close() }() // only read
	return c.prepare(cmd, "") == nil && cmd.Run() == nil
}

// prepare puts the command into the sandbox and lets its user write into dir.
func (c sandbox) prepare(cmd *exec.Cmd, dir string) error {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if c.noNetwork {
		attr.Cloneflags |= syscall.CLONE_NEWNET
	}
	if c.alone {
		attr.Cloneflags |= syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNS
	}
	if attr.Cloneflags != 0 && os.Geteuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
		if c.alone {
			attr.AmbientCaps = []uintptr{sysAdmin} // over its own namespaces, until setpriv
		}
	}
	cmd.SysProcAttr = attr
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if dir == "" {
		return nil
	}
	return c.handOver(dir)
}

// handOver lets the sandboxed programs write into a directory.
func (c sandbox) handOver(dir string) error {
	if !c.unprivileged {
		return nil
	}
	return os.Chown(dir, nobody, nobody)
}

// inputName is how a sandboxed program opens its input: the file is opened for it,
// because its user may not enter the directories above.
func inputName(string) string { return "file:/proc/self/fd/3" }

// give opens the input for the command; the file may be closed once the command runs.
func (c sandbox) give(cmd *exec.Cmd, path string) (*os.File, error) {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	if c.unprivileged {
		err = errors.Join(file.Chown(-1, nobody), file.Chmod(0o440))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	cmd.ExtraFiles = []*os.File{file}
	return file, nil
}

// signaled judges the end of a program by a signal. Programs that are the first
// of their processes do not get those of their limits.
func signaled(state *os.ProcessState) (culprit, bool) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return "", false
	}
	switch status.Signal() {
	case syscall.SIGXCPU, syscall.SIGXFSZ:
		return aLimit, true
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT: // out of memory, or by an operator
		return theHost, true
	}
	return theMedia, true // it crashed
}
