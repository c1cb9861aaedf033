package callback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/callback"
	"github.com/vod-reproduction/vod/service/endpoint"
)

// receiver is all that a tenant needs: it takes fresh, signed notifications, each event once.
type receiver struct {
	key  string
	mu   sync.Mutex
	seen map[string]bool // a real one keeps them for longer than the sender tries
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, 1<<20))
	var envelope struct {
		Message string `json:"message"`
	}
	if err != nil || json.Unmarshal(body, &envelope) != nil {
		http.Error(w, "no notification", http.StatusBadRequest)
		return
	}
	timestamp := request.Header.Get(callback.HeaderTimestamp)
	if !callback.Verify(r.key, timestamp, request.Header.Get(callback.HeaderSign), envelope.Message) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
		return
	}
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.UnixMilli(sent)).Abs() > 5*time.Minute {
		http.Error(w, "too old", http.StatusUnauthorized)
		return
	}
	var event struct {
		Type   string `json:"event_type"`
		ID     string `json:"event_id"`
		Create struct {
			AssetID string `json:"asset_id"`
			Status  string `json:"status"`
		} `json:"create_info"`
	}
	if json.Unmarshal([]byte(envelope.Message), &event) != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[event.ID] {
		return // 200: sending it again helps nobody
	}
	r.seen[event.ID] = true
	fmt.Println(event.Type, event.Create.AssetID, event.Create.Status)
}

// Example sends an event twice, as after a lost answer, to a receiver that takes it once.
func Example() {
	server := httptest.NewServer(&receiver{key: "secret", seen: map[string]bool{}})
	defer server.Close()
	sender, err := callback.New(endpoint.Config{URL: server.URL}, "secret")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sender.CloseIdleConnections()
	created := callback.Event{Type: callback.CreateComplete, ID: "e1", AssetID: "f488337c31c8e4622f1590735b134c65", Status: callback.Succeeded}
	for range 2 {
		if err := sender.Send(context.Background(), created); err != nil {
			fmt.Println(err)
		}
	}
	// Output: createComplete f488337c31c8e4622f1590735b134c65 SUCCEED
}
