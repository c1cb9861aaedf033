package signer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// No way of printing, logging or encoding a value of this package shows a secret.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	const canary = "CANARY"
	c := Credentials{AccessKey: "AK", SecretKey: canary + "sk", SecurityToken: canary + "st"}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	_, source := newIAM(t)
	source.Password = canary
	source.current = issued{value: canary}
	login := Login{Credentials: c, Token: canary, Source: "flags"}
	req, body := signedRequest(t, c, nil)
	_, mismatch := verifier(Credentials{"AK", canary, canary}, benchTime).Verify(req, body)
	wantRefusal(t, mismatch, ReasonSignature, "x-security-token:***")
	_, noToken := verifier(Credentials{"AK", c.SecretKey, canary}, benchTime).Verify(req, body)
	wantRefusal(t, noToken, ReasonSecurityToken, "")
	canonical, err := CanonicalRequest(req, body)
	if err != nil {
		t.Fatal(err)
	}

	for name, value := range map[string]any{
		"credentials": c, "pointer to credentials": &c, "signer": s, "static token": StaticToken(canary),
		"token source": source, "login": login, "pointer to login": &login, "slice": []Credentials{c},
		"map":       map[string]any{"a": c, "b": StaticToken(canary), "c": source, "d": s},
		"struct":    struct{ A any }{login},
		"transport": &Transport{Auth: s}, "transport with token": &Transport{Auth: StaticToken(canary)},
		"transport with source": &Transport{Auth: source}, "adapted token": TokenAuth{StaticToken(canary)},
		"transport with adapter": &Transport{Auth: TokenAuth{source}},
		"mismatch":               mismatch, "wrong security token": noToken, "canonical request": canonical,
	} {
		var shown bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
			_, _ = fmt.Fprintf(&shown, verb+"\n", value)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
			slog.New(handler).Info("m", "value", value, slog.Group("g", "value", value))
		}
		if encoded, err := json.Marshal(value); err == nil {
			shown.Write(encoded)
		}
		text := shown.String()
		for _, hidden := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("%d", []byte(canary))} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s shows a secret:\n%s", name, text)
			}
		}
	}
	if text := fmt.Sprint(login); !strings.Contains(text, "AccessKey:AK") || !strings.Contains(text, "flags") {
		t.Errorf("a login shows too little: %s", text)
	}
}
