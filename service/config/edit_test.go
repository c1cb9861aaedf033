package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const byPerson = `---
# Ours.
listen:   127.0.0.1:8470   # aligned

region: "cn-north-4" # 😀
store: {listen: "127.0.0.1:0", bucket: vod-service, access_key: a, secret_key: b}
projects:
- id: p1
  name: cn-north-4
  # inside

# behind
users: # people

  # Ada's
  - {name: ada, domain: d, password: x,
     project: p1, permissions: ["*"]}

  # Bob's
  -
    name: bob
    domain: d
    password: y
    project: p1
    permissions: ["*"]   # all
    # of bob

# end
`

// Every byte stays but those of the entry.
func TestEdit(t *testing.T) {
	t.Parallel()
	eve := NewUser("eve", "p1", "*")
	eve.Password = "z"
	const entry = "  - name: eve\n    domain: local\n    password: z\n    project: p1\n    permissions:\n      - '*'\n"
	without := func(users string) string {
		return strings.Replace(byPerson, byPerson[strings.Index(byPerson, "users:"):], users, 1)
	}
	add := func(path string) error { return Add(path, Users, eve) }
	remove := func(name string) func(string) error {
		return func(path string) error { return Remove(path, Users, name) }
	}
	for _, c := range []struct {
		name, text, want string
		change           func(path string) error
		reason           string
	}{
		{"add", byPerson, strings.Replace(byPerson, "    # of bob\n", "    # of bob\n"+entry, 1), add, ""},
		{"add with CRLF", crlf(byPerson), crlf(strings.Replace(byPerson, "    # of bob\n", "    # of bob\n"+entry, 1)), add, ""},
		{"add to none", without("# end"), without("# end\nusers:\n" + entry), add, ""},
		{"add to []", without("users: [] # none\n"), without("users: # none\n" + entry), add, ""},
		{"add to null", without("users: ~\n\n# end\n"), without("users:\n" + entry + "\n# end\n"), add, ""},
		{"add to nothing", without("users:\n"), without("users:\n" + entry), add, ""},
		{"add to brackets", without("users: [{name: ada, password: x, project: p1, permissions: ['*']}]\n"), "", add, "brackets"},
		{"add behind the end", without("...\n"), "", add, "change more"},
		{"remove the first", byPerson, strings.Replace(byPerson, "  - {name: ada, domain: d, password: x,\n     project: p1, permissions: [\"*\"]}\n", "", 1), remove("ada"), ""},
		{"remove the last", byPerson, byPerson[:strings.Index(byPerson, "  -\n    name: bob")] + "\n# end\n", remove("bob"), ""},
		{"remove an anchor", strings.Replace(byPerson, "- {name: ada,", "- &a {name: ada,", 1), "", remove("ada"), "anchor &a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), FileName)
			if err := os.WriteFile(path, []byte(c.text), 0o640); err != nil { //nolint:gosec // the mode must stay
				t.Fatal(err)
			}
			err := c.change(path)
			var byHand *ByHandError
			if errors.As(err, &byHand) != (c.reason != "") || byHand == nil && err != nil || byHand != nil && !strings.Contains(byHand.Reason, c.reason) {
				t.Fatalf("got %v, want %q", err, c.reason)
			}
			if c.reason != "" {
				c.want = c.text
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != c.want {
				t.Errorf("the file is\n%s\nwant\n%s", got, c.want)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("the mode is %v, %v", info.Mode(), err)
			}
			if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
				t.Errorf("%d files, want the configuration alone", len(entries))
			}
		})
	}
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// An entry that comes by a merge key must not be hidden, and nothing that no start would accept is written.
func TestEditRefuses(t *testing.T) {
	t.Parallel()
	others, _, _ := strings.Cut(strings.TrimPrefix(byPerson, "---\n"), "users:")
	for name, c := range map[string]struct{ text, says string }{
		"merged": {"<<:\n  users: [{name: u, password: x, project: p1, permissions: ['*']}]\n" + others, "merged from elsewhere"},
		"full":   {byPerson + strings.Repeat("#", maxFile-len(byPerson)), "larger than"},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Add(path, Users, NewUser("eve", "p1", "*")); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", name, err)
		}
		if got, _ := os.ReadFile(path); string(got) != c.text {
			t.Errorf("%s: the file has changed", name)
		}
	}
}

// However many add a project of one name at the same time, there is one.
func TestAddTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(byPerson), 0o600); err != nil {
		t.Fatal(err)
	}
	var adding sync.WaitGroup
	for range 8 {
		adding.Go(func() {
			for { // until the lock was ours
				if err := Add(path, Projects, NewProject("twin")); !errors.Is(err, ErrLocked) {
					if err != nil && !errors.Is(err, ErrTaken) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	adding.Wait()
	if c, err := Load(path); err != nil || len(c.Projects) != 2 {
		t.Errorf("%d projects, %v", len(c.Projects), err)
	}
	if err := Add(path, Projects, NewProject("p1")); !errors.Is(err, ErrTaken) {
		t.Errorf("a name that is the ID of another: %v", err)
	}
}

// A link stays one, and what it leads to is replaced. An interrupted change is found again.
func TestReplace(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	target, link := filepath.Join(elsewhere, "real.yaml"), filepath.Join(dir, FileName)
	err := errors.Join(os.WriteFile(target, []byte(byPerson), 0o600), os.Symlink(target, link), Add(link, Users, NewUser("eve", "p1", "*")))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if c, err := Load(target); err != nil || len(c.Users) != 3 {
		t.Errorf("the target has %d users, %v", len(c.Users), err)
	}
	_, unlock, err := lock(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(target, Users, NewUser("bob", "p1", "*")); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v while another changes the file", err)
	}
	unlock()
	if err := errors.Join(os.Truncate(target, 0), os.WriteFile(target+newSuffix, []byte(byPerson), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(target); err == nil || !strings.Contains(err.Error(), target+newSuffix) {
		t.Errorf("got %v, want the name of the complete text", err)
	}
}
