package object

import "testing"

func TestArchived(t *testing.T) {
	t.Parallel()
	for _, class := range []string{
		"COLD", "GLACIER", "DEEP_ARCHIVE", "cold", "Glacier", "Archive", "ARCHIVE", "archive", "ColdArchive", "COLD_ARCHIVE", "DeepColdArchive",
		"DEEP_COLD_ARCHIVE", "deep-archive", "Deep Archive", "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS", "ACCELERATED",
	} {
		if got := archived(class, false); got != class {
			t.Errorf("%s: %q", class, got)
		}
		if got := archived(class, true); got != "" {
			t.Errorf("%s, restored: %q", class, got)
		}
	}
	for _, class := range []string{
		"", "STANDARD", "Standard", "STANDARD_IA", "IA", "WARM", "ONEZONE_IA", "GLACIER_IR", "INTELLIGENT_TIERING", "NEARLINE", "COLDLINE",
		"REDUCED_REDUNDANCY", "EXPRESS_ONEZONE", "OUTPOSTS", "SNOW", "DEEP_IA", "ARCHIVE_FR", "MAZ_STANDARD",
	} {
		if got := archived(class, false); got != "" {
			t.Errorf("%s: %q", class, got)
		}
	}
}
