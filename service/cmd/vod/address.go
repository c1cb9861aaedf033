package main

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
)

// addressScheme begins every address of an object.
const addressScheme = "obs://"

// parseAddress splits obs://bucket/key. The key is taken as it stands: keys are names, not paths or URLs. The error is a
// failure that says how the address should be written.
func parseAddress(address string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(address, addressScheme)
	if !ok {
		return "", "", &failure{
			code: exitUsage, what: fmt.Sprintf("%q is not an address of the form obs://BUCKET/KEY", address), next: properAddress(address),
		}
	}
	bucket, key, _ = strings.Cut(rest, "/")
	switch {
	case bucket == "":
		return "", "", &failure{code: exitUsage, what: fmt.Sprintf("%q names no bucket", address), next: "write obs://BUCKET/KEY"}
	case key == "" || strings.HasSuffix(key, "/"):
		return "", "", &failure{
			code: exitUsage, what: fmt.Sprintf("one call dumps one object, and %q names none", address),
			next: "add the object's key; vod bulk " + addressScheme + bucket + "/" + key + " dumps all objects below it",
		}
	}
	return bucket, key, nil
}

// properAddress is the next step for somebody who wrote another kind of address.
func properAddress(address string) string {
	scheme, rest, isURL := strings.Cut(address, "://")
	switch {
	case isURL && strings.HasPrefix(scheme, "http"):
		u, err := url.Parse(address)
		if err != nil {
			break
		}
		if bucket, _, ok := strings.Cut(u.Host, ".obs."); ok {
			return "write " + addressScheme + bucket + u.Path
		}
		return "VOD takes objects of OBS: download the file, then vod upload FILE obs://BUCKET/KEY"
	case isURL && strings.EqualFold(scheme, "obs"):
		return "write " + addressScheme + rest
	case isURL:
		return "for an object of OBS write " + addressScheme + rest + "; from another store copy it to OBS first"
	case isFile(address):
		next := "upload it first: vod upload " + address + " obs://BUCKET/" + path.Base(address)
		if guessVideoType(address) == "" {
			next += "; its name does not show a format, so give vod dump a --video-type"
		}
		return next
	case strings.Contains(strings.Trim(address, "/"), "/") && !strings.HasPrefix(address, "."):
		return "for an object of OBS write " + addressScheme + strings.TrimLeft(strings.TrimPrefix(address, "obs:"), "/") +
			"; a file of this machine is uploaded first: vod upload FILE obs://BUCKET/KEY"
	}
	return "for an object of OBS write obs://BUCKET/KEY; a file of this machine is uploaded first: vod upload FILE obs://BUCKET/KEY"
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// baseName is the last part of a key.
func baseName(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }
