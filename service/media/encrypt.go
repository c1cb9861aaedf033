package media

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the size of an AES-128 key in bytes.
const KeySize = 16

// EncryptHLS encrypts the segments of all renditions in dir with AES-128 in
// CBC mode and names the key's URI in their playlists (RFC 8216, section 5.2:
// the IV is the segment's number). It is not repeatable: after an error the
// directory is to be thrown away.
func EncryptHLS(ctx context.Context, dir string, outputs []Output, key [KeySize]byte, keyURI string) error {
	if keyURI == "" || strings.ContainsAny(keyURI, "\"\r\n") {
		return errors.New("encrypt: the URI of the key is empty, or holds a quote or a line break")
	}
	for _, o := range outputs {
		if o.Name == "" {
			continue // the master playlist names no segments
		}
		for number, name := range o.Files[1:] {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := encryptFile(filepath.Join(dir, name), key, uint64(number)); err != nil {
				return fmt.Errorf("encrypt %s: %w", name, err)
			}
		}
		list := filepath.Join(dir, o.Files[0])
		text, err := os.ReadFile(list) //nolint:gosec // our own file
		if err != nil {
			return err
		}
		// Before the first segment; it holds for all that follow.
		tag := fmt.Sprintf("#EXT-X-KEY:METHOD=AES-128,URI=\"%s\"\n#EXTINF:", keyURI)
		text = bytes.Replace(text, []byte("#EXTINF:"), []byte(tag), 1)
		if err := os.WriteFile(list, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// encryptFile encrypts one segment and puts it into the place of the plain one.
func encryptFile(path string, key [KeySize]byte, number uint64) error {
	plain, err := os.Open(path) //nolint:gosec // our own file
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".encrypt-*")
	if err != nil {
		return errors.Join(err, plain.Close())
	}
	defer func() { _ = os.Remove(out.Name()) }() // gone already after the rename
	// Windows replaces no file that is open.
	if err := errors.Join(encrypt(out, plain, key, number), out.Close(), plain.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

func encrypt(w io.Writer, r io.Reader, key [KeySize]byte, number uint64) error {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return err
	}
	var iv [aes.BlockSize]byte
	binary.BigEndian.PutUint64(iv[8:], number)
	mode := cipher.NewCBCEncrypter(block, iv[:])
	for buffer := make([]byte, 64<<10); ; {
		n, err := io.ReadFull(r, buffer[:len(buffer)-aes.BlockSize])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if last { // PKCS#7: always 1 to 16 bytes
			padding := aes.BlockSize - n%aes.BlockSize
			n += copy(buffer[n:], bytes.Repeat([]byte{byte(padding)}, padding))
		}
		mode.CryptBlocks(buffer[:n], buffer[:n])
		if _, err := w.Write(buffer[:n]); err != nil || last {
			return err
		}
	}
}
