package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/vod-reproduction/vod/service/config"
)

// tokenLifetime is how long the cloud's tokens are valid.
const tokenLifetime = 24 * time.Hour

// tokenOwner is what tokens are sealed for, unlike any key and any session.
const tokenOwner = "token"

// maxToken bounds a token, in bytes; ours are far shorter.
const maxToken = 4 << 10

// tokens issues tokens, or the sessions of the pages, and recognizes them. Nothing is kept of them: a token
// holds, sealed, whose it is and when it ends, so that every process with the same
// key takes it, also after a restart, and none can be pushed out by others. It
// ends early when its user's password changes.
type tokens struct {
	tenants  *tenants
	keys     Keys
	now      func() time.Time
	owner    string // under which they are sealed
	lifetime time.Duration
}

// token is what a token holds.
type token struct {
	User     string `json:"user"`
	Expires  int64  `json:"expires"`  // unix seconds
	Password []byte `json:"password"` // fingerprint
}

// issue returns a new token for a user of the configuration.
func (t *tokens) issue(user string) (value string, expires time.Time) {
	expires = t.now().Add(t.lifetime).Truncate(time.Second)
	text, err := json.Marshal(token{user, expires.Unix(), fingerprint(t.tenants.users[user])})
	if err != nil {
		panic(err) // a struct of plain fields
	}
	return base64.RawURLEncoding.EncodeToString(t.keys.Seal(t.owner, text)), expires
}

// find returns the caller that a token was issued for, with what the user may do now.
func (t *tokens) find(value string) (caller, bool) {
	if len(value) > maxToken {
		return caller{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return caller{}, false
	}
	text, err := t.keys.Unseal(t.owner, sealed)
	if err != nil {
		return caller{}, false
	}
	var held token
	if json.Unmarshal(text, &held) != nil || t.now().Unix() >= held.Expires {
		return caller{}, false
	}
	user, ok := t.tenants.users[held.User]
	if !ok || string(held.Password) != string(fingerprint(user)) {
		return caller{}, false
	}
	return callerOf(user), true
}

// fingerprint changes with the password. It leaves the process only sealed.
func fingerprint(user config.User) []byte {
	sum := sha256.Sum256([]byte("password\x00" + user.Name + "\x00" + user.Password.Reveal()))
	return sum[:8]
}
