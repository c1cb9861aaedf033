package media

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// culprit is whose fault the end of a program is.
type culprit string

const (
	theMedia culprit = "media" // it could not be worked on
	aLimit   culprit = "limit" // the media needs more than the limits of a run
	theHost  culprit = "host"
)

// exitError is the end of a program that did not do its work.
type exitError struct {
	program string
	err     error
	said    string // the last lines of its standard error; they may hold paths
	culprit culprit
}

func (e *exitError) Error() string {
	return fmt.Sprintf("%s: %v (%s at fault): %s", e.program, e.err, e.culprit, e.said)
}

func (e *exitError) Unwrap() error { return e.err }

// Programs end their last words with the system's, wherever the file at hand has a say in them.
var (
	hostWords = []string{
		"No space left on device", "Disk quota exceeded", "Read-only file system", "Permission denied", "Too many open files",
		"Too many open files in system", "Resource temporarily unavailable",
	}
	limitWords = []string{"File too large", "Cannot allocate memory", "std::bad_alloc"}
	// wrappers begin their complaints with their names; they run before anything is read.
	wrappers = []string{"sh: ", "/bin/sh: ", "mount: ", "nice: ", "setpriv: "}
)

const (
	// interrupted is how ffmpeg leaves after a signal that it has caught, and since version 6 also after an error with these words.
	interrupted      = 255
	interruptedWords = "Operation not permitted"
	// From notStarted on, shells say that there was no program to run; so does the dynamic linker.
	notStarted, notFound = 126, 127
	// spentLimit is the part of its processor time, one in so many, after which a program that a signal ended is taken to
	// have met its limit. The kernel holds the limit against the ticks of its clock, which count too much on a
	// busy virtual machine, but reports what the scheduler measured.
	spentLimit = 4
)

// culpritOf judges the end of a program: state is nil when it never ran.
func culpritOf(state *os.ProcessState, said string, l Limits) culprit {
	if state == nil {
		return theHost
	}
	spent := state.UserTime() + state.SystemTime()
	if 10*spent >= 9*l.cpu() {
		return aLimit
	}
	by, ok := signaled(state)
	ended := state.ExitCode()
	if (by == theHost || ended == interrupted) && spentLimit*spent >= l.cpu() {
		return aLimit
	}
	if ok {
		return by
	}
	if ended == notStarted || ended == notFound || ended == interrupted && !strings.Contains(said, interruptedWords) {
		return theHost
	}
	if slices.ContainsFunc(wrappers, func(name string) bool { return strings.HasPrefix(said, name) }) {
		return theHost
	}
	for _, by := range []struct {
		culprit culprit
		words   []string
	}{{theHost, hostWords}, {aLimit, limitWords}} {
		for line := range strings.Lines(said) {
			line = strings.TrimRight(line, ".')\r\n ")
			if slices.ContainsFunc(by.words, func(words string) bool { return strings.HasSuffix(line, words) }) {
				return by.culprit
			}
		}
	}
	if beyond(said) != "" {
		return aLimit
	}
	return theMedia
}

// beyond says, for the owner of the media, which limit of its options ffmpeg has met; empty when none.
func beyond(said string) string {
	switch {
	case strings.Contains(said, "Picture size "):
		return "The picture has more pixels than are supported."
	case strings.Contains(said, "exceeds max_streams"):
		return "The file holds more streams than are supported."
	}
	return ""
}

// blame says what the failure of a run means: a [*Refusal] of this kind and
// with this reason where the media could not be worked on, one of TooBig where
// it went beyond a limit, and err itself where the host is at fault or the
// caller gave up.
func blame(err error, kind Kind, reason string) error {
	switch exit, ok := errors.AsType[*exitError](err); {
	case errors.Is(err, errTimeout):
		return &Refusal{Kind: TooBig, Reason: "Working on the media takes too long.", Err: err}
	case ok && exit.culprit == aLimit:
		reason := cmp.Or(beyond(exit.said), "Working on the media takes more memory, processor time or room than it is given.")
		return &Refusal{Kind: TooBig, Reason: reason, Err: err}
	case ok && exit.culprit == theMedia:
		return &Refusal{Kind: kind, Reason: reason, Err: err}
	}
	return err
}

// HostFault reports whether an error of this package is a fault of the host, such as a full disk or
// a program that did not get to run. Any other error that is no [*Refusal] is one of the programs or of this package.
func HostFault(err error) bool {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.culprit == theHost
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal != nil {
		return false
	}
	_, system := errors.AsType[syscall.Errno](err)
	return system || errors.Is(err, errStalled) || errors.Is(err, errIncomplete)
}
