package embedded

import (
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
)

// guardNames refuses requests for keys that a file name cannot stand for, before the gateway makes a path of them. To
// it "a//b" and "c/../a/b" are the file a/b, so two keys would share one object, and ".." in the source of a copy
// leaves the bucket. No such object can exist here: reading it finds nothing, and writing it is refused. The ID of an
// upload in parts is the name of a directory to it, which aborting the upload removes.
func guardNames(c fiber.Ctx) error {
	path, err := url.PathUnescape(string(c.Request().URI().PathOriginal()))
	if err != nil {
		return refuse(c, http.StatusBadRequest, "InvalidURI", "The path is not percent-encoded correctly.")
	}
	_, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if key != "" && !filable(key, longestName, runtime.GOOS) {
		switch c.Method() {
		case http.MethodHead, http.MethodGet:
			return refuse(c, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		case http.MethodDelete:
			return c.SendStatus(http.StatusNoContent)
		}
	}
	if key != "" && c.Method() != http.MethodHead && c.Method() != http.MethodGet && !filable(key, longestNew, runtime.GOOS) {
		return refuse(c, http.StatusBadRequest, "InvalidObjectName", "This store keeps objects as files: a key must have "+
			`no empty, "." or ".." part, no part longer than 227 bytes, no control characters and no "?versionId=", `+
			"must not begin with .sgwtmp/, and on Windows must be made of names that Windows allows.")
	}
	if c.Request().URI().QueryArgs().Has("uploadId") {
		if id := c.Query("uploadId"); strings.Contains(id, "/") || !filable(id, longestName, runtime.GOOS) {
			return refuse(c, http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist.")
		}
	}
	if source := c.Get("X-Amz-Copy-Source"); source != "" {
		source, err := url.QueryUnescape(strings.TrimPrefix(source, "/")) // as the gateway reads it
		_, key, _ := strings.Cut(source, "/")
		if err != nil || !filable(key, longestName, runtime.GOOS) {
			return refuse(c, http.StatusNotFound, "NoSuchKey", "The source of the copy does not exist.")
		}
	}
	return c.Next()
}

// Lengths of a file name in bytes: what file systems allow, and what leaves room for the 28 bytes that the gateway
// adds while it replaces a file.
const (
	longestName = 255
	longestNew  = longestName - 28
)

// filable reports whether key, made a path of the operating system goos, names a file of its own below its bucket, with
// no name in it longer than longest. A "/" at the end names a directory, which the gateway knows how to keep.
func filable(key string, longest int, goos string) bool {
	if strings.Contains(key, "?versionId=") {
		return false // as the source of a copy the gateway would take it for a version of another key
	}
	for _, r := range key {
		// Without these a listing in XML shows another key than the one that was written.
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return false
		}
	}
	parts := strings.Split(strings.TrimSuffix(key, "/"), "/")
	for _, part := range parts {
		if part == "" || part == "." || part == ".." || len(part) > longest || goos == "windows" && !windowsName(part) {
			return false
		}
	}
	return parts[0] != ".sgwtmp" && // where the gateway keeps unfinished uploads
		filepath.IsLocal(filepath.FromSlash(key)) // no device of Windows
}

// windowsName reports whether Windows takes a part of a key for one name, and as it is. A backslash leads out of the
// bucket, a colon to another stream of a file, and dots and blanks at the end are dropped.
func windowsName(part string) bool {
	return !strings.ContainsAny(part, `<>:"|?*\`) && strings.TrimRight(part, ". ") == part
}

func refuse(c fiber.Ctx, status int, code, message string) error {
	request, host := utils.EnsureRequestIDs(c)
	response := s3err.APIError{Code: code, Description: message, HTTPStatusCode: status}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationXML)
	return c.Status(status).Send(response.XMLBody(request, host))
}
