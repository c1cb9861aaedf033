package media

import (
	"fmt"
	"strings"
	"time"
)

// grace is between the signal that a program is out of processor time and its end.
const grace = time.Second

// command wraps a program so that it starts in the sandbox: a shell sets it up and
// becomes the program. Nothing of a request is part of the script.
func (c sandbox) command(l Limits, program string, args []string) (name string, wrapped []string) {
	if !c.limits {
		return program, args
	}
	script := []string{`ulimit -c 0`, `ulimit -v "$1"`, `ulimit -f "$2"`, `ulimit -n 256`, `ulimit -S -t "$3"`, `ulimit -H -t "$4"`, `shift 4`}
	if c.alone {
		script = append(script, `mount --make-rprivate /`, `mount -t proc -o nosuid,nodev,noexec proc /proc`)
	}
	script = append(script, `exec nice -n 5 "$@"`)
	cpu := l.cpu()
	wrapped = []string{"-c", strings.Join(script, " && "), "sh", fmt.Sprint(l.Memory >> 10), fmt.Sprint(l.Output >> 9),
		fmt.Sprint(int64(cpu.Seconds())), fmt.Sprint(int64((cpu + grace).Seconds()))}
	var rights []string
	switch {
	case c.unprivileged:
		rights = []string{fmt.Sprintf("--reuid=%d", nobody), fmt.Sprintf("--regid=%d", nobody), "--clear-groups"}
	case c.alone:
		rights = []string{"--ambient-caps=-all", "--inh-caps=-all"}
	}
	if rights != nil { // the kernel forgets who is to die with whom when rights change
		wrapped = append(append(append(wrapped, "setpriv"), rights...), "--no-new-privs", "--pdeathsig=KILL")
	}
	return "/bin/sh", append(append(wrapped, program), args...)
}

// steps names what is in force.
func (c sandbox) steps() []string {
	steps := []string{"pinned demuxer", "one file", "empty environment"}
	for _, s := range []struct {
		on   bool
		name string
	}{{c.limits, "resource limits"}, {c.noNetwork, "no network"}, {c.alone, "no other processes"}, {c.unprivileged, "unprivileged user"}} {
		if s.on {
			steps = append(steps, s.name)
		}
	}
	return steps
}
