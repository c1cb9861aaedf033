package keyring

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.key")
	open := func() *Keyring {
		v, err := Open(path, true)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	key := []byte("0123456789abcdef")
	sealed := open().Seal("asset", key)
	if bytes.Contains(sealed, key) {
		t.Error("the sealed key shows the key")
	}
	if bytes.Equal(sealed, open().Seal("asset", key)) {
		t.Error("a key is sealed alike twice")
	}
	if got, err := open().Unseal("asset", sealed); err != nil || !bytes.Equal(got, key) {
		t.Errorf("Unseal after a restart = %q, %v", got, err)
	}
	if _, err := open().Unseal("another", sealed); err == nil {
		t.Error("another owner opens the key")
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := open().Unseal("asset", changed); err == nil {
			t.Errorf("a change of byte %d is not noticed", i)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v", info.Mode(), err)
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "abc", strings.Repeat("z", 64), strings.Repeat("ab", 33)} {
		path := filepath.Join(t.TempDir(), "vod.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, true); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("Open(%q) = %v", text, err)
		}
	}
}

// A lost key file is not replaced: nothing that was sealed with it could be opened any more.
func TestOpenMissesFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.key")
	if _, err := Open(path, false); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("Open of no file = %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a key file was made")
	}
}
