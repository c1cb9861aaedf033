package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/webhook"
)

// receiver accepts recent, signed notifications, and handles each event once.
type receiver struct {
	key  string
	mu   sync.Mutex
	seen map[string]bool // a real one keeps IDs for longer than the sender retries, which is three days
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var envelope struct {
		Message string `json:"message"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, request.Body, 1<<20)).Decode(&envelope); err != nil {
		http.Error(w, "not a notification", http.StatusBadRequest)
		return
	}
	timestamp := request.Header.Get(webhook.HeaderTimestamp)
	if !webhook.Verify(r.key, timestamp, request.Header.Get(webhook.HeaderSign), envelope.Message) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
		return
	}
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.UnixMilli(sent)).Abs() > 5*time.Minute {
		http.Error(w, "too old", http.StatusUnauthorized)
		return
	}
	event, err := webhook.Parse(envelope.Message)
	if err != nil {
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if event.ID != "" && r.seen[event.ID] {
		return // 200, or it would be sent again
	}
	r.seen[event.ID] = true
	fmt.Println(event.Type, event.AssetID, event.Status)
}

// A complete receiver as a net/http handler. It gets one event twice, as after a lost response, and one with a forged
// signature.
func Example() {
	handler := &receiver{key: "secret", seen: map[string]bool{}}
	message, err := webhook.Event{
		Type: webhook.CreateComplete, ID: "e1", AssetID: "f488337c31c8e4622f1590735b134c65", Status: webhook.Succeeded,
	}.Message()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"secret", "secret", "guessed"} {
		body, _ := json.Marshal(map[string]string{"message": message})
		r := httptest.NewRequest(http.MethodPost, "/vod", strings.NewReader(string(body)))
		timestamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
		r.Header.Set(webhook.HeaderTimestamp, timestamp)
		r.Header.Set(webhook.HeaderSign, webhook.Sign(key, timestamp, message))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// createComplete f488337c31c8e4622f1590735b134c65 SUCCEED
	// 200
	// 200
	// 401
}
