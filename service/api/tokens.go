package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// tokenLifetime is how long the cloud's tokens are valid.
const tokenLifetime = 24 * time.Hour

// tokens are the tokens issued since the start, by their hash. They do not outlive the process: a client asks for
// another one after a 401, as it has to when the cloud withdraws one.
type tokens struct {
	now    func() time.Time
	mu     sync.Mutex
	issued map[[sha256.Size]byte]token
}

type token struct {
	who     caller
	expires time.Time
}

// maxTokens bounds the memory that a client in a loop can take; beyond it, the tokens that end first give way.
const maxTokens = 10_000

func newTokens(now func() time.Time) *tokens {
	return &tokens{now: now, issued: map[[sha256.Size]byte]token{}}
}

func (t *tokens) issue(who caller) (value string, expires time.Time) {
	b := make([]byte, 48)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	value, expires = hex.EncodeToString(b), t.now().Add(tokenLifetime)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.issued) >= maxTokens {
		t.drop()
	}
	t.issued[sha256.Sum256([]byte(value))] = token{who, expires}
	return value, expires
}

// drop forgets the expired tokens, or the one that expires next when none is.
func (t *tokens) drop() {
	var first [sha256.Size]byte
	var earliest time.Time
	now, dropped := t.now(), false
	for hash, issued := range t.issued {
		if !issued.expires.After(now) {
			delete(t.issued, hash)
			dropped = true
		} else if earliest.IsZero() || issued.expires.Before(earliest) {
			first, earliest = hash, issued.expires
		}
	}
	if !dropped {
		delete(t.issued, first)
	}
}

func (t *tokens) find(value string) (caller, bool) {
	hash := sha256.Sum256([]byte(value))
	t.mu.Lock()
	defer t.mu.Unlock()
	issued, ok := t.issued[hash]
	return issued.who, ok && issued.expires.After(t.now())
}
