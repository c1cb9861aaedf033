package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/signer"
)

// signature is one "vod sign" as its command line gave it.
type signature struct {
	*session
	data    string
	headers []string
	added   []string // names of headers that the command adds beside those of the signature
	verbose bool
}

const contentType = "Content-Type"

func newSignCommand(s *session) *cobra.Command {
	g := &signature{session: s}
	cmd := &cobra.Command{
		Use:   "sign METHOD URL",
		Short: "Sign a request and print the headers to add",
		Long: `Signs one request with the access key and prints the headers to add to it, to be sent
within 15 minutes. Nothing is sent. Every header given with --header is covered by
the signature and must be sent unchanged; one named X-Sdk-Date sets the time of the
signature. A body without a Content-Type is sent as application/json, which is then
among the headers to add.

With -v the canonical request and the string to sign go to standard error: what to
compare with the server's when a signature is refused.`,
		Example: `  url=$VOD_ENDPOINT/v1.0/$VOD_PROJECT_ID/asset/info?asset_id=$id
  vod sign GET "$url" | curl -H @- "$url"

  url=$VOD_ENDPOINT/v1.0/$VOD_PROJECT_ID/asset/reproduction
  vod sign POST "$url" --data @request.json | curl -H @- --data-binary @request.json "$url"`,
		Args: exactly("a METHOD", "a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := g.request(cmd, args[0], args[1])
			if err != nil {
				return err
			}
			return g.run(request)
		},
	}
	cmd.Flags().StringVar(&g.data, "data", "", "`BODY` of the request: the text itself, @FILE, or - for standard input")
	cmd.Flags().StringArrayVar(&g.headers, "header", nil, "a `NAME:VALUE` that is sent too; may be repeated")
	cmd.Flags().BoolVarP(&g.verbose, "verbose", "v", false, "show on standard error what is signed")
	return cmd
}

// request builds the request. Its body is kept apart: it is signed, not sent.
func (g *signature) request(cmd *cobra.Command, method, address string) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, usage(cmd, "the URL must begin with https:// or http:// and a host, without a user")
	}
	request, err := http.NewRequestWithContext(cmd.Context(), strings.ToUpper(method), u.String(), http.NoBody)
	if err != nil {
		return nil, usage(cmd, fmt.Sprintf("%q is not a method of HTTP", method))
	}
	for _, header := range g.headers {
		name, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usage(cmd, "--header must look like NAME:VALUE")
		}
		request.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return request, nil
}

func (g *signature) run(request *http.Request) error {
	body, err := g.body()
	if err != nil {
		return err
	}
	login, err := g.login()
	switch {
	case err != nil:
		return err
	case login.Source == "":
		login.ProjectID = "none" // a signature needs no project
		return unconfigured(login, false)
	case login.Token != "":
		return &failure{code: exitCredentials, what: "a token signs nothing", next: "send it as the header X-Auth-Token, or give an access key"}
	}
	if g.data != "" && request.Header.Get(contentType) == "" { // curl would say that it is a form
		request.Header.Set(contentType, "application/json")
		g.added = append(g.added, contentType)
	}
	now := time.Now()
	if date := request.Header.Get(signer.HeaderDate); date != "" {
		if now, err = time.Parse(signer.DateLayout, date); err != nil {
			return &failure{code: exitUsage, what: "X-Sdk-Date must look like 20260116T080000Z, in UTC", next: "leave it out, and the signature is for now"}
		}
	}
	if err := signer.Sign(request, body, login.Credentials, now); err != nil {
		return &failure{code: exitOther, what: strings.TrimPrefix(err.Error(), "signer: "), cause: err}
	}
	if g.verbose {
		if err := g.show(request, body, login); err != nil {
			return err
		}
	}
	return g.printHeaders(request.Header)
}

func (g *signature) body() ([]byte, error) {
	if g.data == standardInput {
		return g.readBody(standardInput)
	}
	if name, ok := strings.CutPrefix(g.data, "@"); ok {
		return g.readBody(name)
	}
	return []byte(g.data), nil
}

// show prints what was signed. A security token is part of it and stays hidden, so that its hash cannot be shown.
func (g *signature) show(request *http.Request, body []byte, login signer.Login) error {
	canonical, err := signer.CanonicalRequest(request, body)
	if err != nil {
		return fmt.Errorf("showing the canonical request: %w", err)
	}
	g.say("", "canonical request:")
	for line := range strings.SplitSeq(canonical, "\n") {
		g.say("  ", line)
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(canonical)))
	if login.SecurityToken != "" {
		hash = "(SHA-256 of the canonical request with the security token in place of ***)"
	}
	g.say("", "string to sign:")
	for _, line := range []string{signer.Algorithm, request.Header.Get(signer.HeaderDate), hash} {
		g.say("  ", line)
	}
	return nil
}

// printHeaders prints what the signature adds to the request.
func (g *signature) printHeaders(header http.Header) error {
	added := map[string]string{}
	var text bytes.Buffer
	for _, name := range append(g.added, signer.HeaderDate, "X-Security-Token", "Authorization") {
		if value := header.Get(name); value != "" {
			added[name] = value
			fmt.Fprintf(&text, "%s: %s\n", name, value)
		}
	}
	if !g.options.json() {
		return g.print(strings.TrimSuffix(text.String(), "\n"))
	}
	return g.printJSON(added)
}
