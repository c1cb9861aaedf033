// Package keyring seals the keys of encrypted media, so that the database holds
// none that could be used without the keyring's own key file.
package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/vod-reproduction/vod/service/newfile"
)

// keySize is that of AES-256, in bytes.
const keySize = 32

// Keyring seals and opens keys. It is safe for concurrent use.
type Keyring struct{ aead cipher.AEAD }

// Open reads the key file, and makes one where there is none and it may be made,
// readable by its owner only. Whoever loses the file loses every sealed key.
func Open(path string, mayMake bool) (*Keyring, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if errors.Is(err, fs.ErrNotExist) && mayMake {
		text, err = create(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the keyring: %w; it opens the keys of encrypted media: restore it from a backup, copy it from "+
			"another machine with this database, or set VOD_KEY to its content", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	k, err := New(string(text))
	if errors.Is(err, errNoKey) {
		return nil, fmt.Errorf("open the keyring: %s does not hold %d hex digits; restore it from a backup", path, 2*keySize)
	}
	return k, err
}

var errNoKey = fmt.Errorf("open the keyring: the key does not have %d hex digits", 2*keySize)

// New returns the keyring of a key in hex, as a key file holds it.
func New(text string) (*Keyring, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, errNoKey
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	return &Keyring{aead}, nil
}

// create makes the key file.
func create(path string) (text []byte, err error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	text = []byte(hex.EncodeToString(key) + "\n")
	return text, newfile.Create(path, text)
}

// Seal encrypts a key for one owner; only Unseal for the same owner decrypts it.
func (v *Keyring) Seal(owner string, key []byte) []byte {
	return v.aead.Seal(nil, nil, key, []byte(owner))
}

// Unseal returns the key that was sealed for owner.
func (v *Keyring) Unseal(owner string, sealed []byte) ([]byte, error) {
	key, err := v.aead.Open(nil, nil, sealed, []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("open a sealed key: the key file does not match the one it was sealed with: %w", err)
	}
	return key, nil
}
