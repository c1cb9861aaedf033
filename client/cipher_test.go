package client_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
)

func TestCipher(t *testing.T) {
	t.Parallel()
	const want = "GET ciphers"
	clock := newClock()
	server := script(t, clock,
		step{want: want, status: 200, body: `{"dk":"AAECAwQFBgcICQoLDA0ODw=="}`,
			check: func(t *testing.T, r *http.Request, _ []byte) {
				if r.URL.RawQuery != "asset_id=a" {
					t.Errorf("query %s", r.URL.RawQuery)
				}
			}},
		refusal(want, 403, "VOD.10101", "Unable to get the key because there is no encryption."),
		refusal(want, 404, "VOD.10062", "no such asset"),
	)
	c := connect(t, server.URL, clock)
	key, err := c.Cipher(t.Context(), "a")
	if err != nil || !bytes.Equal(key, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
		t.Errorf("Cipher gave %x, %v", key, err)
	}
	if _, err := c.Cipher(t.Context(), "a"); !strings.Contains(client.Hint(err), "auto_encrypt") {
		t.Errorf("an asset in the clear gave %v, hint %q", err, client.Hint(err))
	}
	if _, err := c.Cipher(t.Context(), "a"); client.Code(err) != contract.CodeNoSuchAsset {
		t.Errorf("a missing asset gave %v", err)
	}
}

// TestCipherStaysSecret sends what is almost a key; no error may show it.
func TestCipherStaysSecret(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"dk":null}`, `{"dk":""}`, `{"dk":["AAECAwQFBgcICQoLDA0ODw=="]}`,
		`{"dk":"AAECAwQFBgcICQoLDA0O"}`, `{"dk":"AAECAwQFBgcICQoLDA0ODxAR"}`, `{"dk":"AAECAwQFBgcICQoLDA0ODw"}`,
		`{"dk":"AAECAwQFBgcICQoLDA0ODw=="`, `"AAECAwQFBgcICQoLDA0ODw=="`,
	} {
		clock := newClock()
		key, err := connect(t, script(t, clock, ok("GET ciphers", body)).URL, clock).Cipher(t.Context(), "a")
		if key != nil || kindOf(err) != "response" {
			t.Errorf("%s gave %x, %v", body, key, err)
			continue
		}
		var odd *client.ResponseError
		if errors.As(err, &odd); strings.Contains(err.Error()+odd.Body, "AAECAwQ") {
			t.Errorf("%s: the error shows the key: %v", body, err)
		}
	}
}
