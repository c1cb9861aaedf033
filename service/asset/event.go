package asset

import "time"

// EventType names what webhooks report, in the cloud's words.
type EventType string

// The events of an asset. Each happens once at most, however often a stage is repeated.
const (
	EventCreated    EventType = "createComplete" // the asset has ended, for better or worse
	EventThumbnails EventType = "thumbnailComplete"
	EventTranscoded EventType = "transcodeComplete"
	EventReviewed   EventType = "reviewComplete"
)

// EventTypes returns all types of events.
func EventTypes() []EventType {
	return []EventType{EventCreated, EventThumbnails, EventTranscoded, EventReviewed}
}

// EventOf returns the event that the end of a stage is; ok is false when it is none.
func EventOf(stage string) (t EventType, ok bool) {
	switch stage {
	case StageThumbnail:
		return EventThumbnails, true
	case StageTranscode:
		return EventTranscoded, true
	case StageReview:
		return EventReviewed, true
	}
	return "", false
}

// Event is something that happened to an asset and that its owner wants to know.
type Event struct {
	ID        string // 32 lower-case hex digits; a repeated delivery has the same
	Type      EventType
	Succeeded bool
	At        time.Time
}
