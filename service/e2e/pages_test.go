package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// axe is where "make axe" lays axe-core, which looks for what keeps people from using a page.
var axe = os.Getenv("VOD_AXE")

// looks are how every page is looked at: on a desk by day, and on a phone by night.
var looks = []struct {
	width int
	mode  string
}{{1280, "light"}, {390, "dark"}}

// check fails the test when a page is wider than its window, when a finger misses its buttons, when the browser complains, or
// when axe-core does.
func (p *tab) check(t *testing.T, name string) {
	t.Helper()
	for _, look := range looks {
		p.do(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": look.width, "height": 800, "deviceScaleFactor": 1, "mobile": false})
		p.do(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": look.mode}}})
		var width int
		p.evaluate(t, `document.documentElement.scrollWidth`, &width)
		if width > look.width {
			t.Errorf("%s is %d pixels wide in a window of %d", name, width, look.width)
		}
		var small []string
		p.evaluate(t, `[...document.querySelectorAll("button, .button, input, select, summary, nav a, .crumb a")].map(e => [e, e.getBoundingClientRect()])
			.filter(([e, box]) => box.width && box.height < 44).map(([e, box]) => e.outerHTML.slice(0, 100) + " " + box.height)`, &small)
		if len(small) > 0 && look.width < 400 {
			t.Errorf("%s has parts too small for a finger: %q", name, small)
		}
		if axe == "" {
			continue
		}
		script, err := os.ReadFile(axe)
		if err != nil {
			t.Fatal(err)
		}
		var violations []string
		p.evaluate(t, string(script)+`;axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 150)).join(" | ")))`, &violations)
		for _, v := range violations {
			t.Errorf("%s at %d pixels, %s: %s", name, look.width, look.mode, v)
		}
	}
	if said := p.complaints(); said != "" {
		t.Errorf("the browser complains about %s:\n%s", name, said)
	}
	p.forgive()
}

// forgive forgets what the browser complained about: responses that the test asked for.
func (p *tab) forgive() {
	p.seen.Lock()
	defer p.seen.Unlock()
	p.seen.complaints = nil
}

// wants checks that the page shows a text.
func (p *tab) wants(t *testing.T, text string) {
	t.Helper()
	var shown string
	p.evaluate(t, `document.querySelector("main").textContent`, &shown)
	if !strings.Contains(strings.Join(strings.Fields(shown), " "), text) {
		t.Errorf("the page lacks %q: %s", text, shown)
	}
}

// confirm clicks on an action of an asset's page, and agrees to the question.
func (p *tab) confirm(t *testing.T, action string) {
	t.Helper()
	p.evaluate(t, `document.querySelector("a[data-confirm][href$='/`+action+`']").click()`, nil)
	p.await(t, `document.querySelector("dialog[open] form button")`)
	p.check(t, "the question whether to "+action)
	p.submit(t, "dialog form button")
}

// TestPages does in a browser all that visitors can do.
func TestPages(t *testing.T) {
	servicetest.SkipShort(t, "it needs a browser")
	s := start(t, servicetest.NewDir(t))
	file := filepath.Join(t.TempDir(), "holiday.mp4")
	if err := os.WriteFile(file, []byte("a film, as far as this service looks"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Put(t, servicetest.Bucket, "in/broken.m3u8", []byte("no playlist"))
	p := startBrowser(t).open(t, person{user: servicetest.UserName, password: servicetest.UserSecret})
	address := func() (path string) {
		p.evaluate(t, `location.pathname`, &path)
		return path
	}
	state := func(want string) {
		t.Helper()
		p.await(t, `document.querySelector(".status code")?.textContent === "`+want+`"`)
	}

	p.do(t, "Page.navigate", map[string]any{"url": s.URL + "/"})
	p.loaded(t)
	p.fill(t, map[string]string{"name": servicetest.UserName, "password": "wrong"})
	p.submit(t, "main button")
	p.wants(t, "Name or password is wrong")
	p.forgive()
	p.check(t, "the page to sign in")
	p.fill(t, map[string]string{"password": servicetest.UserSecret})
	p.submit(t, "main button")
	if got := address(); got != "/ui/" {
		t.Fatalf("a browser at / comes to %s", got)
	}
	p.forgive()
	p.wants(t, "vod dump obs://"+servicetest.Bucket+"/holiday.mp4 --region "+servicetest.Region)
	p.check(t, "the empty list")

	p.visit(t, s.URL+"/ui/upload")
	p.check(t, "the form to upload")
	p.choose(t, "#file", file)
	p.submit(t, "main .primary")
	if got := address(); got != "/ui/dump" {
		t.Fatalf("an upload leads to %s", got)
	}
	p.check(t, "the form to dump")
	p.fill(t, map[string]string{"title": "", "thumbnail.quantity": "many", "tags": "sea,sun", "thumbnail.type": "quantity", "auto_publish": "0"})
	p.submit(t, "main .primary")
	p.wants(t, "Title: is mandatory")
	p.wants(t, "Snapshots: Quantity: must be a whole number")
	p.forgive()
	p.check(t, "the form with faults")
	p.fill(t, map[string]string{"title": "Holidays", "thumbnail.quantity": "", "thumbnail.type": ""})
	p.submit(t, "main .primary")
	film := address()
	state("CREATED")
	p.wants(t, "sea,sun")
	p.check(t, "the page of an asset")

	p.visit(t, s.URL+"/ui/upload")
	p.choose(t, "#file", file)
	p.evaluate(t, `document.querySelector("main .primary").click()`, nil)
	p.await(t, `document.querySelector(".fault")`)
	p.wants(t, "exists already; choose another name")
	p.forgive()
	p.check(t, "the form with an object that exists")

	p.visit(t, s.URL+film)
	p.confirm(t, "publish")
	state("PUBLISHED")
	var play string
	p.evaluate(t, `document.querySelector("[data-name=Original]").textContent`, &play)
	if got := get(t, play); got.status != http.StatusOK || !strings.HasPrefix(string(got.body), "a film") {
		t.Errorf("the play URL %s: %d %s", play, got.status, got.body)
	}
	p.do(t, "Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}, "origin": s.URL})
	p.evaluate(t, `document.querySelector("[data-name=Original] + button").click()`, nil)
	p.await(t, `document.querySelector("[data-name=Original] + button").textContent === "Copied"`)
	p.confirm(t, "unpublish")
	state("CREATED")
	if got := get(t, play); got.status != http.StatusNotFound {
		t.Errorf("the play URL of what is not published: %d", got.status)
	}

	p.visit(t, s.URL+"/ui/dump")
	p.fill(t, map[string]string{
		"input.bucket": servicetest.Bucket, "input.object": "in/broken.m3u8", "title": "Broken", "storage_mode": "1", "output_bucket": servicetest.Bucket, "output_path": "in",
	})
	p.submit(t, "main .primary")
	state("OBS_CREATE_FAILED")
	broken := address()
	p.check(t, "the page of an asset that failed")
	p.confirm(t, "retry")
	state("OBS_CREATE_FAILED")
	again := address()
	if again == broken {
		t.Error("retrying made no asset")
	}
	p.visit(t, s.URL+broken)
	p.confirm(t, "retry") // a second time
	if got := address(); got != again {
		t.Errorf("retrying twice made %s and %s", again, got)
	}
	p.submit(t, "a[href*='/ui/dump?from=']")
	var kept string
	p.evaluate(t, `["input.object", "title", "output_path", "video_type"].map(id => document.getElementById(id).value).join()`, &kept)
	if kept != "in/broken.m3u8,Broken,in,HLS" {
		t.Errorf("the form of a failed asset has %s", kept)
	}

	p.visit(t, s.URL+"/ui/?q=sun&type=MP4&sort=title&size=50")
	p.wants(t, "Holidays")
	p.wants(t, "1–1 of 1")
	p.check(t, "the list")
	var utc bool
	p.evaluate(t, `document.querySelector("tbody time").title.endsWith(" UTC")`, &utc)
	if !utc {
		t.Error("a time does not show its UTC")
	}

	p.visit(t, s.URL+film)
	p.confirm(t, "delete")
	if got := address(); got != "/ui/" {
		t.Errorf("deleting leads to %s", got)
	}
	p.visit(t, s.URL+film)
	p.wants(t, "There is nothing here")
	p.forgive()

	p.visit(t, s.URL+"/ui/storage")
	p.wants(t, "Disk of the service")
	p.check(t, "the storage")

	p.submit(t, ".account button")
	p.wants(t, "Sign in")
	if got := get(t, s.URL+"/", "Accept", "*/*"); got.status != http.StatusOK || !strings.Contains(string(got.body), s.URL+"/ui/") {
		t.Errorf("curl at / gets %d %s", got.status, got.body)
	}
	if got := get(t, s.URL+"/", "Accept", "application/json"); got.status != http.StatusNotFound {
		t.Errorf("a program at /: %d", got.status)
	}
	if log := s.Log(); strings.Contains(log, servicetest.UserSecret) || strings.Contains(log, "vod_session") {
		t.Errorf("the log has a secret:\n%s", log)
	}
}
