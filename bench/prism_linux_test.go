package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/openapi"
)

// manyCalls take long beside the hundredth of a second in which the system counts.
const manyCalls = 10_000

// BenchmarkBesidePrism serves dumps beside Prism, which mocks what an OpenAPI document describes: it validates the request
// against the same document and responds with its example, and verifies no signature. VOD_PRISM is its program; "make bench"
// installs it where there is npm.
func BenchmarkBesidePrism(b *testing.B) {
	program := os.Getenv("VOD_PRISM")
	if program == "" {
		b.Skip("VOD_PRISM names no program")
	}
	b.Run("a dump served, the server's processor time, beside Prism", func(b *testing.B) {
		url, prism := startPrism(b, program)
		clients := startClients(b)
		ours, theirs := clients.dumpTo(b, startHandler(b, ourHandler())), clients.dumpTo(b, url)
		theirs(manyCalls) // for Node.js to compile what runs often
		sidebyside.CompareTimes(b, 3, costOf(b, os.Getpid(), ours), costOf(b, prism, theirs))
	})
}

// costOf returns a measure of the processor time that a process uses for each call.
func costOf(b *testing.B, process int, call sidebyside.Work) func() time.Duration {
	return func() time.Duration {
		before := processorTime(b, process)
		call(manyCalls)
		return (processorTime(b, process) - before) / manyCalls
	}
}

// processorTime is what a process has used so far, of user and system.
func processorTime(b *testing.B, process int) time.Duration {
	b.Helper()
	const tick = 10 * time.Millisecond // USER_HZ
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		b.Fatal(err)
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the state is the third field of all
	var used time.Duration
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		used += time.Duration(ticks) * tick
	}
	return used
}

// startPrism has Prism serve the document, and returns its address and its process.
func startPrism(b *testing.B, program string) (url string, process int) {
	b.Helper()
	document := filepath.Join(b.TempDir(), "vod.yaml")
	if err := os.WriteFile(document, openapi.Reproduction, 0o600); err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	host, port, _ := net.SplitHostPort(address)
	if err := listener.Close(); err != nil {
		b.Fatal(err)
	}
	// The program is a script, whose interpreter becomes the process.
	command := exec.CommandContext(b.Context(), program, "mock", "--multiprocess=false", "--host", host, "--port", port, "--verboseLevel", "silent", document)
	command.Env = append(os.Environ(), "NODE_ENV=production")
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	waiting, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // what it said is on standard error
		stop()
	}()
	b.Cleanup(func() {
		_ = command.Process.Kill() // it has nothing to lose
		<-ended
	})
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(waiting, "tcp", address)
		if err == nil {
			_ = conn.Close()
			return "http://" + address, command.Process.Pid
		}
		select {
		case <-waiting.Done():
			b.Fatal("Prism has ended, or does not answer: ", err)
		case <-again.C:
		}
	}
}
