package bench_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/signer"
)

const response = `{"asset_id":"f488337c31c8e4622f1590735b134c65"}`

// clientRole in the environment makes this program clients: their time must not count as a server's.
const clientRole = "VOD_BENCH_CLIENTS"

// dumpOnOrder makes signed dumps from 16 goroutines and says when they are done: each line of standard input has the URL of a
// server and the number of dumps.
func dumpOnOrder() error {
	const inFlight = 16
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight}
	dump := func(url string) error {
		request, err := http.NewRequest(http.MethodPost, url+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		if err := signer.Sign(request, []byte(body), keys, time.Now()); err != nil {
			return err
		}
		got, err := transport.RoundTrip(request)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil || strings.TrimSpace(string(content)) != response {
			return fmt.Errorf("status %d: %s, %w", got.StatusCode, content, err)
		}
		return nil
	}
	for {
		var url string
		var n int
		if _, err := fmt.Scanln(&url, &n); err != nil {
			return nil //nolint:nilerr // the end of the input
		}
		var wg sync.WaitGroup
		faults := make(chan error, inFlight)
		for i := range inFlight {
			wg.Go(func() {
				for range (n + i) / inFlight {
					if err := dump(url); err != nil {
						faults <- err
						return
					}
				}
			})
		}
		wg.Wait()
		select {
		case err := <-faults:
			return err
		default:
			fmt.Println("done")
		}
	}
}

// startRole starts this program in another role, and returns its standard input and output.
func startRole(tb testing.TB, role string) (io.Writer, *bufio.Reader) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), os.Args[0])
	command.Env = append(os.Environ(), role)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	return stdin, bufio.NewReader(stdout)
}
