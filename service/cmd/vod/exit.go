package main

import (
	"fmt"
	"strings"
)

// Exit codes. They are part of the interface: scripts depend on them, so none ever changes its meaning.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitRefused     = 3
	exitCredentials = 4
	exitTemporary   = 5
	exitJobFailed   = 6
	exitUnknown     = 7
	exitInterrupted = 130
)

// exits explains every exit code, in order.
var exits = []struct {
	code    int
	meaning string
}{
	{exitOK, "done"},
	{exitOther, "failed for a reason that has no code of its own"},
	{exitUsage, "the command line is wrong"},
	{exitRefused, "the request breaks the contract; nothing was sent"},
	{exitCredentials, "credentials are missing, wrong, or may not do this"},
	{exitTemporary, "a temporary fault; the same command can succeed later"},
	{exitJobFailed, "the dump was accepted, but the asset failed"},
	{exitUnknown, "the outcome is unknown: the request was sent and no answer came, so the asset may exist"},
	{exitInterrupted, "interrupted by a signal"},
}

func exitTable() string {
	var b strings.Builder
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	return b.String()
}
