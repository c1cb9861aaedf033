package object

import "strings"

// archiveClasses are the storage classes whose objects must be restored before they can be read, as OBS and S3 name them
// and other clouds that speak their protocol, in capitals and without what separates words. Some of them have one of these
// names for objects that can be read at once, which only reading tells.
var archiveClasses = map[string]bool{
	"COLD": true, "GLACIER": true, "DEEPARCHIVE": true, // OBS and S3
	"ARCHIVEACCESS": true, "DEEPARCHIVEACCESS": true, // S3 Intelligent-Tiering
	"ARCHIVE": true, "COLDARCHIVE": true, "DEEPCOLDARCHIVE": true, // OSS, COS, TOS, KS3 and others
	"ACCELERATED": true, // of IBM's archives
}

var betweenWords = strings.NewReplacer("_", "", "-", "", " ", "")

// archived returns the storage class of an object that cannot be read before it is restored, empty for any other.
func archived(class string, restored bool) string {
	if restored || !archiveClasses[betweenWords.Replace(strings.ToUpper(class))] {
		return ""
	}
	return class
}
