package storetest

import (
	"testing"

	"github.com/vod-reproduction/vod/service/store"
)

// suite is the suite on one kind of database.
type suite struct {
	config func(t testing.TB) store.Config
}

// Run runs the suite. config returns the configuration of a new, empty database
// with its queue.
func Run(t *testing.T, config func(t testing.TB) store.Config) {
	on := suite{config}
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"AcceptRecordsEverything", on.testAcceptRecordsEverything},
		{"AcceptIsAllOrNothing", on.testAcceptIsAllOrNothing},
		{"AcceptUnknownCategory", on.testAcceptUnknownCategory},
		{"AcceptUnauthorizedBucket", on.testAcceptUnauthorizedBucket},
		{"IdempotencyKey", on.testIdempotencyKey},
		{"IdempotencyKeyInParallel", on.testIdempotencyKeyInParallel},
		{"FencingToken", on.testFencingToken},
		{"AcceptedByNewerVersion", on.testNewer},
		{"Timeline", on.testTimeline},
		{"StageEnded", on.testStageEnded},
		{"CursorOutlivesItsAttempt", on.testCursorOutlivesItsAttempt},
		{"Cleaned", on.testCleaned},
		{"CreateCategory", on.testCreateCategory},
		{"Categories", on.testCategories},
		{"Change", on.testChange},
		{"Authorize", on.testAuthorize},
		{"Delivery", on.testDelivery},
		{"DeliveryOfEncrypted", on.testDeliveryOfEncrypted},
		{"Stored", on.testStored},
		{"TakeVersions", on.testTakeVersions},
		{"Ping", on.testPing},
		{"PlannedStages", on.testPlannedStages},
		{"Results", on.testResults},
		{"Cipher", on.testCipher},
		{"KeyCheck", on.testKeyCheck},
		{"Blocked", on.testBlocked},
		{"ListFilters", on.testListFilters},
		{"ListText", on.testListText},
		{"ListTexts", on.testListTexts},
		{"ListTranscodes", on.testListTranscodes},
		{"ListPagesAreStable", on.testListPagesAreStable},
		{"Backlog", on.testBacklog},
		{"Usage", on.testUsage},
		{"CountIsCapped", on.testCountIsCapped},
		{"StateMachine", on.testStateMachine},
		{"PublishUnknownAsset", on.testPublishUnknownAsset},
		{"Delete", on.testDelete},
		{"DeleteIsAllOrNothing", on.testDeleteIsAllOrNothing},
		{"Remains", on.testRemains},
		{"Ended", on.testEnded},
		{"Sweep", on.testSweep},
		{"ConfirmUpload", on.testConfirmUpload},
		{"EndUpload", on.testEndUpload},
		{"UploadAndAsset", on.testUploadAndAsset},
		{"ConfirmAndDelete", on.testConfirmAndDelete},
	} {
		t.Run(test.name, test.run)
	}
}

// open opens a new store with the clock and the observers of cfg.
func (on suite) open(t testing.TB, cfg store.Config) *DB {
	t.Helper()
	full := on.config(t)
	full.Now, full.Wants, full.StageEnded = cfg.Now, cfg.Wants, cfg.StageEnded
	return Open(t, full)
}
