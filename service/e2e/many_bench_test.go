package e2e_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/service/sqlite"
)

const fewAssets = 100

// manyAssets is how many the large database has; VOD_BENCH_ASSETS asks for more.
func manyAssets(b *testing.B) int {
	b.Helper()
	asked := os.Getenv("VOD_BENCH_ASSETS")
	if asked == "" {
		return 100_000
	}
	n, err := strconv.Atoi(asked)
	if err != nil {
		b.Fatal("VOD_BENCH_ASSETS:", err)
	}
	return n
}

// BenchmarkBesideFew starts a service with many assets and asks it for lists and pages, beside one with few: both should take
// the same.
func BenchmarkBesideFew(b *testing.B) {
	n := manyAssets(b)
	name := strconv.Itoa(n) + " assets, beside " + strconv.Itoa(fewAssets) + ": "
	dirs := [2]string{withAssets(b, n), withAssets(b, fewAssets)}
	b.Run(name+"start to answering", func(b *testing.B) {
		sidebyside.CompareTimes(b, 3, func() time.Duration { return startTime(b, dirs[0]) }, func() time.Duration { return startTime(b, dirs[1]) })
	})
	many, few := service{servicetest.Start(b, dirs[0])}, service{servicetest.Start(b, dirs[1])}
	inMany, inFew := many.signIn(b), few.signIn(b)
	for _, each := range []struct{ label, query string }{
		{"newest first", ""},
		{"page 50", "?page=50"},
		{"oldest first", "?sort=oldest"},
		{"by title", "?sort=title"},
		{"largest first", "?sort=largest"},
		{"published, by title", "?state=PUBLISHED&sort=title"},
		{"failed", "?state=OBS_CREATE_FAILED"},
		{"one type, largest first", "?type=MP4&sort=largest"},
		{"one category, by title", "?category=-1&sort=title"},
		{"two days", "?from=2026-01-02&to=2026-01-03"},
		{"a text that all have, by title", "?q=Episode&sort=title"},
		{"a text that some have", "?q=episode+77"},
		{"a text of two characters", "?q=77"},
	} {
		b.Run(name+"page, "+each.label, func(b *testing.B) {
			sidebyside.CompareTurns(b, 5, 4, inMany("/ui/"+each.query), inFew("/ui/"+each.query))
		})
	}
	for _, each := range []struct{ label, path string }{
		{"100 states", "info?size=100"},
		{"100 states of published assets", "info?status=PUBLISHED&size=100"},
		{"100 assets in brief", "list?size=100"},
		{"assets with a text", "list?query_string=episode"},
		{"a text of descriptions, that all have", "list?query_string=as+on+day"},
		{"a text that some have", "list?query_string=episode+77"},
		{"a text that a dozen have", "list?query_string=director%27s+cut"},
		{"a text that none has", "list?query_string=nowhere"},
	} {
		b.Run(name+"API, "+each.label, func(b *testing.B) {
			sidebyside.CompareTurns(b, 5, 4, many.list(b, each.path), few.list(b, each.path))
		})
	}
}

// startTime is how long a service takes until it serves requests.
func startTime(b *testing.B, dir string) time.Duration {
	began := time.Now()
	s := servicetest.Start(b, dir)
	took := time.Since(began)
	s.Stop(b)
	return took
}

// withAssets returns a data directory with n assets: a third failed, the others published, over a hundred days, with descriptions
// of 100 characters, which a dozen share a text of.
func withAssets(b *testing.B, n int) string {
	b.Helper()
	dir := servicetest.NewDirWith(b, servicetest.MediaSettings)
	s := servicetest.Start(b, dir)
	s.Stop(b)
	db, err := sqlite.Open(b.Context(), filepath.Join(dir, "vod.db"), 1)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{`
		WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < $1)
		INSERT INTO asset (id, project_id, title, description, category_id, tags, video_type, source_bucket, source_key, source_region,
			storage_mode, output_bucket, output_path, auto_publish, request, request_id, state, error_code, reason, cleaned,
			media_bucket, media_key, media_size, created_at, updated_at, finished_at)
		SELECT printf('%032x', n), $2, 'Episode ' || (n * 7919 % 100003),
			printf('Recorded by team %05d as on day %02d of the season, in stereo, with subtitles and with ', n * 7901 % 99991, n % 100) ||
			iif(n % ($1 / 12) = 0, 'director''s cut', 'commentaries.'), -1, 'show,season', iif(n % 5 = 0, 'TS', 'MP4'),
			'` + servicetest.Bucket + `', printf('show/season/episode-%08d.mp4', n), '` + servicetest.Region + `', 0, '', '', 1, x'', '',
			iif(n % 3 = 0, 'OBS_CREATE_FAILED', 'PUBLISHED'), iif(n % 3 = 0, 'VOD.10003', ''), iif(n % 3 = 0, 'It is not there.', ''), 1,
			'` + servicetest.ServiceBucket + `', iif(n % 3 = 0, '', printf('assets/%032x', n)), n * 7907 % 100003, at, at, at
		FROM (SELECT n, 1767225600000 + n * 8640000000 / $1 AS at FROM counter)`, `
		INSERT INTO stage (asset_id, name, state, started_at, ended_at) SELECT id, column1, 'done', created_at, created_at
		FROM asset, (VALUES ('copy'), ('verify'), ('publish')) WHERE $1 > 0 AND project_id = $2`,
	} {
		if _, err := db.ExecContext(b.Context(), statement, n, servicetest.ProjectID); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// signIn returns a browser's visits to pages.
func (s service) signIn(b *testing.B) func(path string) sidebyside.Work {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: httpClient.Timeout}
	response, err := browser.PostForm(s.URL+"/ui/signin", url.Values{"name": {servicetest.UserName}, "password": {servicetest.UserSecret}})
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	return func(path string) sidebyside.Work {
		return sidebyside.Each(func() {
			request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+path, nil)
			if err != nil {
				b.Fatal(err)
			}
			for _, cookie := range jar.Cookies(request.URL) {
				request.AddCookie(cookie)
			}
			if got, err := do(request); err != nil || got.status != http.StatusOK {
				b.Fatalf("%s: status %d, %v: %.300s", path, got.status, err, got.body)
			}
		})
	}
}

// list asks the API for a page of assets.
func (s service) list(b *testing.B, path string) sidebyside.Work {
	return sidebyside.Each(func() {
		got, err := s.send(b.Context(), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/"+path, "")
		if err != nil || got.status != http.StatusOK {
			b.Fatalf("%s: status %d, %v: %.300s", path, got.status, err, got.body)
		}
	})
}
