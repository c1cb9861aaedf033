// Modproxy writes modules of a git repository, at a revision, into a directory that the go command takes as a module
// proxy (GOPROXY=file://...):
//
//	modproxy -repo DIR -revision TAG -version v1.2.3 -proxy DIR SUBDIRECTORY...
//
// Each subdirectory ("." is the root) holds a module. What ends up in the zip is what the go command would take from the
// repository itself.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	repo := flag.String("repo", ".", "git repository")
	revision := flag.String("revision", "HEAD", "revision to take")
	version := flag.String("version", "", "version to give the modules")
	proxy := flag.String("proxy", "", "directory to write")
	flag.Parse()
	for _, sub := range flag.Args() {
		if err := add(*proxy, *repo, *revision, *version, sub); err != nil {
			fmt.Fprintf(os.Stderr, "modproxy: %s: %v\n", sub, err)
			os.Exit(1)
		}
	}
}

// add writes the four files that a proxy serves of one version of a module.
func add(proxy, repo, revision, version, sub string) error {
	mod, err := exec.Command("git", "-C", repo, "show", revision+":"+path.Join(sub, "go.mod")).Output() //nolint:noctx // ends by itself
	if err != nil {
		return fmt.Errorf("go.mod of %s: %w", revision, err)
	}
	m := module.Version{Path: modfile.ModulePath(mod), Version: version}
	if err := module.Check(m.Path, m.Version); err != nil {
		return err
	}
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // for the go command of everybody
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC()})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"list": []byte(version + "\n"), version + ".mod": mod, version + ".info": info} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	file, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		return err
	}
	if sub == "." {
		sub = "" // as package zip calls the root
	}
	return errors.Join(zip.CreateFromVCS(file, m, repo, revision, sub), file.Close())
}
