package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/vod-reproduction/vod/service/keyring"
	"github.com/vod-reproduction/vod/service/store"
)

// checkOwner is the owner of what is sealed to recognize the key by.
const checkOwner = "keyring"

// KeyFile is the file of a data directory that opens sealed keys.
const KeyFile = "vod.key"

var errWrongKey = errors.New("the key is not the one that this database was first used with: restore vod.key from a backup, " +
	"copy it from the machine that created it, or set VOD_KEY to its contents")

// openKeyring opens the keyring that belongs to the database: with the given key
// if there is one, else with the file vod.key of a data directory, which is made
// for a database that was never used with any.
func openKeyring(ctx context.Context, c Config, s *store.Store) (*keyring.Keyring, error) {
	kept, err := s.KeyCheck(ctx, nil)
	if err != nil {
		return nil, err
	}
	id, sealed, err := s.AnySealedKey(ctx)
	if err != nil {
		return nil, err
	}
	var k *keyring.Keyring
	if c.Key != "" {
		if k, err = keyring.New(c.Key.Reveal()); err != nil {
			err = fmt.Errorf("VOD_KEY: %w; set it to the content of vod.key", err)
		}
	} else {
		k, err = keyring.Open(filepath.Join(c.Dir, KeyFile), kept == nil && sealed == nil)
	}
	if err != nil {
		return nil, err
	}
	if kept == nil && sealed != nil { // of a version that kept no check
		if _, err := k.Unseal(id, sealed); err != nil {
			return nil, errWrongKey
		}
	}
	if kept, err = s.KeyCheck(ctx, k.Seal(checkOwner, nil)); err != nil {
		return nil, err
	}
	if _, err := k.Unseal(checkOwner, kept); err != nil {
		return nil, errWrongKey
	}
	return k, nil
}
