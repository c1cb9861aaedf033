package signer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/seed"
)

// Every well-formed request that Sign takes is accepted by Verify, by any number of goroutines on the same values.
func TestRandomRequestsVerify(t *testing.T) {
	t.Parallel()
	s, v := benchSigner(t), verifier(benchCreds, benchTime)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			random := seed.Random(t, uint64(worker))
			for range 500 {
				req, body := randomRequest(random)
				if err := s.Sign(req, body, benchTime.Add(time.Duration(random.IntN(600))*time.Second)); err != nil {
					t.Errorf("%s %s: %v", req.Method, req.URL, err)
					continue
				}
				if who, err := v.Verify(req, body); err != nil || who.AccessKey != benchCreds.AccessKey {
					t.Errorf("%s %s: %v", req.Method, req.URL, err)
				}
				body = append(body, 'x')
				if _, err := v.Verify(req, body); err == nil {
					t.Errorf("%s %s is accepted with another body", req.Method, req.URL)
				}
			}
		})
	}
	wg.Wait()
}

func randomRequest(random *rand.Rand) (*http.Request, []byte) {
	text := func(alphabet string, longest int) string {
		runes, b := []rune(alphabet), bytes.Buffer{}
		for range random.IntN(longest + 1) {
			b.WriteRune(runes[random.IntN(len(runes))])
		}
		return b.String()
	}
	const anything = "aZ09-_.~ !\"#$%&'()*+,/:;<=>?@[\\]^`{|}\x00\x7fé一😀"
	query := url.Values{}
	for range random.IntN(6) {
		query.Add(text(anything, 3), text(anything, 8))
	}
	req := &http.Request{
		Method: []string{"GET", "POST", "PUT", "DELETE", "PATCH"}[random.IntN(5)],
		Host:   "vod.cn-north-4.myhuaweicloud.com",
		URL:    &url.URL{Path: "/" + text(anything, 30), RawQuery: query.Encode()},
		Header: http.Header{},
	}
	for i := range random.IntN(5) {
		name := fmt.Sprintf("X-Test-%d", i)
		for range 1 + random.IntN(3) {
			req.Header.Add(name, text("aZ09 ,;=\"\té一", 20))
		}
	}
	return req, []byte(text(anything, 200))
}
