package embedded_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what version 2 of the signature is made with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/object/embedded"
)

func mac(hash func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(hash, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// signed2 signs a text with version 2.
func signed2(text string) string {
	return base64.StdEncoding.EncodeToString(mac(sha1.New, []byte(secretKey), text))
}

// signed4 returns the Authorization of version 4 over a canonical request, whose lines below the query are given.
func signed4(date time.Time, region, method, path, query, headers, names string) string {
	day := date.Format("20060102")
	canonical := sha256.Sum256([]byte(strings.Join([]string{method, path, query, headers, names, "UNSIGNED-PAYLOAD"}, "\n")))
	scope := day + "/" + region + "/s3/aws4_request"
	key := []byte("AWS4" + secretKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(sha256.New, key, part)
	}
	text := "AWS4-HMAC-SHA256\n" + date.Format("20060102T150405Z") + "\n" + scope + "\n" + hex.EncodeToString(canonical[:])
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%x", accessKey, scope, names, mac(sha256.New, key, text))
}

// refusal is the code in the body of a response; "" of one that refuses nothing.
func refusal(t *testing.T, s *embedded.Server, method, target string, header map[string]string) string {
	t.Helper()
	var body io.Reader
	if strings.Count(target, "/") > 1 { // an object
		body = strings.NewReader("hello")
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.Endpoint()+target, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // only read
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode < 300 {
		return ""
	}
	_, code, _ := strings.Cut(string(text), "<Code>")
	code, _, _ = strings.Cut(code, "</Code>")
	return code
}

// What the signature covers cannot be changed, nor sent later.
func TestVersion2(t *testing.T) {
	s := start(t, t.TempDir())
	now := time.Now().UTC().Format(http.TimeFormat)
	old := time.Now().UTC().Add(-16 * time.Minute).Format(http.TimeFormat)
	send := func(text string, more ...string) map[string]string {
		header := map[string]string{"Date": now, "Authorization": "AWS " + accessKey + ":" + signed2(text)}
		for i := 0; i < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		return header
	}
	bucket, object := "PUT\n\n\n"+now+"\n/films", "PUT\n\ntext/plain\n"+now+"\nx-amz-meta-who:me\n/films/a%20b"
	for _, test := range []struct {
		name, method, target string
		header               map[string]string
		want                 string
	}{
		{"a bucket", "PUT", "/films", send(bucket), ""},
		{"an object", "PUT", "/films/a%20b", send(object, "Content-Type", "text/plain", "x-amz-meta-who", "me"), ""},
		{"time in x-amz-date", "PUT", "/films/a", send("PUT\n\n\n\nx-amz-date:"+now+"\n/films/a", "x-amz-date", now), ""},
		{"covered parameters", "GET", "/films?versions&prefix=a&location", send("GET\n\n\n" + now + "\n/films?location&versions"), ""},
		{"what is listed is not covered", "GET", "/films?prefix=a&max-keys=1", send("GET\n\n\n" + now + "\n/films"), ""},

		{"another path", "PUT", "/films/b", send(object, "Content-Type", "text/plain", "x-amz-meta-who", "me"), "SignatureDoesNotMatch"},
		{"another method", "DELETE", "/films", send(bucket), "SignatureDoesNotMatch"},
		{"another type", "PUT", "/films/a%20b", send(object, "Content-Type", "text/html", "x-amz-meta-who", "me"), "SignatureDoesNotMatch"},
		{"one header more", "PUT", "/films", send(bucket, "x-amz-copy-source", "/films/a%20b"), "SignatureDoesNotMatch"},
		{"one parameter more", "PUT", "/films?policy", send(bucket), "SignatureDoesNotMatch"},
		{"an unknown parameter more", "PUT", "/films?new=1", send(bucket), "SignatureDoesNotMatch"},
		{"another time", "PUT", "/films", send(bucket, "Date", time.Now().UTC().Add(time.Minute).Format(http.TimeFormat)), "SignatureDoesNotMatch"},
		{"an old time", "PUT", "/films", send("PUT\n\n\n"+old+"\n/films", "Date", old), "RequestTimeTooSkewed"},
		{"no time", "PUT", "/films", send("PUT\n\n\n\n/films", "Date", ""), "AccessDenied"},
		{"an unknown key", "PUT", "/films", map[string]string{"Date": now, "Authorization": "AWS other:" + signed2(bucket)}, "InvalidAccessKeyId"},
		{"no signature", "PUT", "/films", map[string]string{"Date": now, "Authorization": "AWS " + accessKey}, "SignatureDoesNotMatch"},
		{"a session token", "PUT", "/films", send("PUT\n\n\n"+now+"\nx-amz-security-token:t\n/films", "x-amz-security-token", "t"), "InvalidToken"},
	} {
		if got := refusal(t, s, test.method, test.target, test.header); got != test.want {
			t.Errorf("%s: refused with %q, want %q", test.name, got, test.want)
		}
	}
	at := func(expires time.Time, target, also string) string {
		date := fmt.Sprint(expires.Unix())
		return target + "?" + also + url.Values{"AWSAccessKeyId": {accessKey}, "Expires": {date},
			"Signature": {signed2("GET\n\n\n" + date + "\n" + target)}}.Encode()
	}
	for target, want := range map[string]string{
		at(time.Now().Add(time.Minute), "/films/a%20b", ""):     "",
		at(time.Now().Add(-time.Minute), "/films/a%20b", ""):    "AccessDenied",
		at(time.Now().Add(time.Minute), "/films/a%20b", "acl&"): "SignatureDoesNotMatch",
	} {
		if got := refusal(t, s, "GET", target, nil); got != want {
			t.Errorf("GET %s: refused with %q, want %q", target, got, want)
		}
	}
}

// Version 4 is checked when its time is an HTTP date as when it is not.
func TestVersion4WithHTTPDate(t *testing.T) {
	s := start(t, t.TempDir())
	host, now := strings.TrimPrefix(s.Endpoint(), "http://"), time.Now().UTC()
	const names = "date;host;x-amz-content-sha256"
	send := func(date time.Time, region, path string, more ...string) map[string]string {
		text := date.Format(http.TimeFormat)
		headers := "date:" + text + "\nhost:" + host + "\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n"
		header := map[string]string{"Date": text, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
			"Authorization": signed4(date, region, "PUT", path, "", headers, names)}
		for i := 0; i < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		return header
	}
	const region = "us-east-1"
	for _, test := range []struct {
		name, target string
		header       map[string]string
		want         string
	}{
		{"a bucket", "/films", send(now, region, "/films"), ""},
		{"an object", "/films/a%20b", send(now, region, "/films/a%20b"), ""},
		{"another path", "/films/b", send(now, region, "/films/a%20b"), "SignatureDoesNotMatch"},
		{"one parameter more", "/films?policy", send(now, region, "/films"), "SignatureDoesNotMatch"},
		{"one header more", "/films/b", send(now, region, "/films/b", "x-amz-copy-source", "/films/a%20b"), "AccessDenied"},
		{"another time", "/films", send(now, region, "/films", "Date", now.Add(time.Minute).Format(http.TimeFormat)), "SignatureDoesNotMatch"},
		{"an old time", "/films", send(now.Add(-16*time.Minute), region, "/films"), "RequestTimeTooSkewed"},
		{"another region", "/films", send(now, "cn-north-1", "/films"), "AuthorizationHeaderMalformed"},
	} {
		if got := refusal(t, s, "PUT", test.target, test.header); got != test.want {
			t.Errorf("%s: refused with %q, want %q", test.name, got, test.want)
		}
	}
}
