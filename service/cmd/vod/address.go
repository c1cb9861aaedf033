package main

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/vod-reproduction/vod/gen"
)

const addressScheme = "obs://"

// parseAddress splits obs://bucket/key. The key is taken as it stands: keys are names, not paths or URLs.
func parseAddress(address string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(address, addressScheme)
	if !ok {
		return "", "", fmt.Errorf("%q is not an address of the form obs://BUCKET/KEY", address)
	}
	bucket, key, _ = strings.Cut(rest, "/")
	switch {
	case bucket == "":
		return "", "", fmt.Errorf("%q names no bucket", address)
	case key == "" || strings.HasSuffix(key, "/"):
		return "", "", errors.New("one call dumps one object, and " + fmt.Sprintf("%q", address) + " names none")
	}
	return bucket, key, nil
}

// guessVideoType tells the format from the extension of an object's key, or gives "" where it does not.
func guessVideoType(key string) gen.VideoType {
	switch guess := gen.VideoType(strings.ToUpper(strings.TrimPrefix(path.Ext(key), "."))); {
	case guess == "M3U8":
		return gen.VideoTypeHLS
	case guess == gen.VideoTypeHLS: // a format, but no extension
		return ""
	case guess.Valid():
		return guess
	}
	return ""
}

// guessTitle names an asset after its object: the last part of the key, without the extension.
func guessTitle(key string) string {
	base := key[strings.LastIndexByte(key, '/')+1:]
	if title := strings.TrimSuffix(base, path.Ext(base)); title != "" {
		return title
	}
	return base
}
