package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// browser is a Chromium without a window, spoken to in the DevTools protocol: JSON messages that end in a zero byte,
// over two pipes.
type browser struct {
	requests io.WriteCloser

	mu      sync.Mutex
	last    int
	waiting map[int]chan message // nil once the browser has ended
	tabs    map[string]*tab      // by session
}

// message is a request's response or an event.
type message struct {
	ID        int             `json:"id"`
	Session   string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Malformed *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// startBrowser starts a browser that has seen nothing yet. It ends with the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	servicetest.SkipShort(t, "it needs a browser")
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal(`no Chromium on this machine: "make test" installs it, and so does "apt-get install chromium"; Google Chrome does as well`)
	}
	profile, err := os.MkdirTemp("", "servicetest") // not the test's: helpers of the browser may outlive it for a moment
	if err != nil {
		t.Fatal(err)
	}
	theirs, requests := pipe(t)
	answers, theirResponses := pipe(t)
	// The sandbox cannot be had as root. All pages are the test's own.
	process := exec.Command(program, "--headless", "--no-sandbox", "--remote-debugging-pipe", "--user-data-dir="+profile,
		"--no-first-run", "--mute-audio", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
		"--disable-component-update", "--no-proxy-server", "about:blank")
	process.ExtraFiles = []*os.File{theirs, theirResponses} // 3 and 4 for the browser
	process.WaitDelay = 5 * time.Second                     // a helper of the browser may hold on to the pipe
	var said bytes.Buffer
	process.Stderr = &said
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirs.Close(), theirResponses.Close() // now the browser's alone
	b := &browser{requests: requests, waiting: map[int]chan message{}, tabs: map[string]*tab{}}
	var reading sync.WaitGroup
	reading.Go(func() { b.read(answers) })
	t.Cleanup(func() {
		_ = requests.Close() // the browser ends when nobody speaks to it any more
		reading.Wait()
		_ = process.Wait() // it calls that an error
		_ = answers.Close()
		_ = os.RemoveAll(profile)
		if t.Failed() {
			t.Logf("the browser said:\n%s", said.String())
		}
	})
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// read hands out what the browser says until it ends.
func (b *browser) read(from io.Reader) {
	for in := bufio.NewReader(from); ; {
		text, err := in.ReadBytes(0)
		if err != nil {
			break
		}
		var m message
		if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m); err != nil {
			break
		}
		b.mu.Lock()
		answered, tab := b.waiting[m.ID], b.tabs[m.Session]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case answered != nil:
			answered <- m
		case m.Method != "" && tab != nil:
			tab.event(m)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, answered := range b.waiting {
		close(answered)
	}
	b.waiting = nil
}

// send sends a request and returns where its response will be.
func (b *browser) send(session, method string, params any) (<-chan message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == nil {
		return nil, fmt.Errorf("%s: the browser has ended", method)
	}
	b.last++
	text, err := json.Marshal(map[string]any{"id": b.last, "sessionId": session, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	answered := make(chan message, 1)
	b.waiting[b.last] = answered
	_, err = b.requests.Write(append(text, 0))
	return answered, err
}

// call sends a request and reads its response into result, which may be nil.
func (b *browser) call(t *testing.T, session, method string, params, result any) {
	t.Helper()
	answered, err := b.send(session, method, params)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case m, ok := <-answered:
		switch {
		case !ok:
			t.Fatalf("%s: the browser has ended", method)
		case m.Malformed != nil:
			t.Fatalf("%s: %s", method, m.Malformed.Message)
		case result == nil:
			return
		}
		if err := json.Unmarshal(m.Result, result); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
	case <-servicetest.Context(t).Done():
		t.Fatalf("%s: %v", method, context.Cause(servicetest.Context(t)))
	}
}

// person is who sits before a tab and signs in, but for the document alone when pageOnly is set.
type person struct {
	user, password string
	pageOnly       bool
}

// tab is one page of a browser, with cookies and credentials of its own.
type tab struct {
	*browser
	session string
	person  person
	loads   chan struct{} // a value for each page that is complete

	seen struct {
		sync.Mutex
		status     map[string]int // the latest of each address
		complaints []string       // of the browser about the page
	}
}

func (b *browser) open(t *testing.T, who person) *tab {
	t.Helper()
	var context struct{ BrowserContextID string }
	b.call(t, "", "Target.createBrowserContext", map[string]any{}, &context)
	var target struct{ TargetID string }
	b.call(t, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": context.BrowserContextID}, &target)
	var attached struct{ SessionID string }
	b.call(t, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	page := &tab{browser: b, session: attached.SessionID, person: who, loads: make(chan struct{}, 100)}
	page.seen.status = map[string]int{}
	b.mu.Lock()
	b.tabs[page.session] = page
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Network", "Log"} {
		page.do(t, domain+".enable", map[string]any{})
	}
	page.do(t, "Fetch.enable", map[string]any{"handleAuthRequests": true})
	return page
}

// event takes note of what happens on the page, and answers for the person before it. It waits for nothing.
func (p *tab) event(m message) {
	var e struct {
		RequestID    string
		ResourceType string
		Response     struct {
			URL    string
			Status int
		}
		Entry struct{ Source, Text string }
	}
	_ = json.Unmarshal(m.Params, &e) // what does not fit is missed by the tests
	p.seen.Lock()
	defer p.seen.Unlock()
	switch m.Method {
	case "Page.loadEventFired":
		select {
		case p.loads <- struct{}{}:
		default: // nobody waits for so many
		}
	case "Network.responseReceived":
		p.seen.status[e.Response.URL] = e.Response.Status
	case "Log.entryAdded":
		p.seen.complaints = append(p.seen.complaints, e.Entry.Source+": "+e.Entry.Text)
	case "Fetch.requestPaused":
		request := map[string]any{"requestId": e.RequestID}
		if p.person.pageOnly && e.ResourceType == "Document" {
			basic := base64.StdEncoding.EncodeToString([]byte(p.person.user + ":" + p.person.password))
			request["headers"] = []map[string]string{{"name": "Authorization", "value": "Basic " + basic}}
		}
		_, _ = p.send(p.session, "Fetch.continueRequest", request)
	case "Fetch.authRequired":
		reply := map[string]any{"response": "CancelAuth"}
		if !p.person.pageOnly {
			reply = map[string]any{"response": "ProvideCredentials", "username": p.person.user, "password": p.person.password}
		}
		_, _ = p.send(p.session, "Fetch.continueWithAuth", map[string]any{"requestId": e.RequestID, "authChallengeResponse": reply})
	}
}

// do sends a request about the page.
func (p *tab) do(t *testing.T, method string, params map[string]any) {
	t.Helper()
	p.call(t, p.session, method, params, nil)
}

// visit loads a page, with everything that belongs to it. The person signs in where the page asks for it.
func (p *tab) visit(t *testing.T, url string) {
	t.Helper()
	p.do(t, "Page.navigate", map[string]any{"url": url})
	p.loaded(t)
	var asked bool
	p.evaluate(t, `document.getElementById("password") !== null`, &asked)
	if asked {
		p.fill(t, map[string]string{"name": p.person.user, "password": p.person.password})
		p.submit(t, "main button")
		p.seen.Lock()
		p.seen.complaints = nil // that signing in was asked for
		p.seen.Unlock()
	}
}

// loaded waits until the page is complete.
func (p *tab) loaded(t *testing.T) {
	t.Helper()
	p.evaluate(t, `new Promise(loaded => document.readyState === "complete" ? loaded() : addEventListener("load", () => loaded()))`, nil)
}

// fill enters values into the fields of a form, by their IDs.
func (p *tab) fill(t *testing.T, values map[string]string) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	p.evaluate(t, `for (const [id, value] of Object.entries(`+string(text)+`)) document.getElementById(id).value = value`, nil)
}

// submit clicks on what leads to another page, and waits until that is complete.
func (p *tab) submit(t *testing.T, selector string) {
	t.Helper()
	for len(p.loads) > 0 {
		<-p.loads
	}
	p.evaluate(t, `void setTimeout(() => document.querySelector(`+strconv.Quote(selector)+`).click())`, nil)
	p.awaitLoad(t)
}

// awaitLoad waits until a page has been loaded since the latest click.
func (p *tab) awaitLoad(t *testing.T) {
	t.Helper()
	select {
	case <-p.loads:
	case <-servicetest.Context(t).Done():
		t.Fatalf("no page is loaded: %v", context.Cause(servicetest.Context(t)))
	}
}

// await waits until an expression is true of the page, which is looked at whenever it changes.
func (p *tab) await(t *testing.T, expression string) {
	t.Helper()
	p.evaluate(t, `new Promise(seen => {
		const look = () => { if (`+expression+`) seen(); };
		new MutationObserver(look).observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
		look();
	})`, nil)
}

// choose puts a file of this machine into a field.
func (p *tab) choose(t *testing.T, selector, file string) {
	t.Helper()
	var page struct{ Root struct{ NodeID int } }
	p.call(t, p.session, "DOM.getDocument", map[string]any{}, &page)
	var field struct{ NodeID int }
	p.call(t, p.session, "DOM.querySelector", map[string]any{"nodeId": page.Root.NodeID, "selector": selector}, &field)
	p.do(t, "DOM.setFileInputFiles", map[string]any{"nodeId": field.NodeID, "files": []string{file}})
}

// evaluate waits for the promise that an expression returns, and reads it into result, which may be nil.
func (p *tab) evaluate(t *testing.T, expression string, result any) {
	t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	p.call(t, p.session, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	}, &got)
	if got.ExceptionDetails != nil {
		t.Fatalf("%s: %s", expression, got.ExceptionDetails)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(got.Result.Value, result); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}

// status returns the latest response to a request of the page; 0 is none.
func (p *tab) status(url string) int {
	p.seen.Lock()
	defer p.seen.Unlock()
	return p.seen.status[url]
}

// complaints are what the browser did not like about the page, such as a broken content policy.
func (p *tab) complaints() string {
	p.seen.Lock()
	defer p.seen.Unlock()
	return strings.Join(p.seen.complaints, "\n")
}
