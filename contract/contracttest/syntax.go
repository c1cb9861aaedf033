package contracttest

import (
	"bytes"
	"strings"
	"unicode/utf16"
)

// types assigns values of a wrong type to every field.
func (c *corpus) types() {
	wrong := func(fields []string, values ...string) {
		for _, field := range fields {
			for _, value := range values {
				c.rejectText(field+"/"+value, field, "type", c.splice(field, value, around(field)))
			}
		}
	}
	integers := fieldsOf("integer")
	wrong(integers, `null`, `"1"`, `true`, `[1]`, `1.0`, `1e0`, `0.5`)
	wrong(fieldsOf("string"), `null`, `1`, `false`, `["x"]`, `{}`)
	wrong(fieldsOf("object"), `null`, `[]`, `"x"`)
	wrong(fieldsOf("boolean"), `null`, `1`, `"true"`, `[true]`)
	wrong(fieldsOf("array"), `null`, `1`, `{"0":1}`)
	c.rejectText("thumbnail.dots/[null]", "thumbnail.dots[0]", "type", c.splice("thumbnail.dots", `[null]`, around("thumbnail.dots")))
	c.rejectText("thumbnail.dots/[1.5]", "thumbnail.dots[1]", "type", c.splice("thumbnail.dots", `[1,1.5]`, around("thumbnail.dots")))

	for name, body := range map[string]string{
		"null": `null`, "text": `"x"`, "number": `1`, "true": `true`, "array": `[]`, "request in an array": `[` + string(c.body()) + `]`,
	} {
		c.rejectText("body/"+name, "", "type", []byte(body))
	}
}

// numbers has spellings and sizes of numbers.
func (c *corpus) numbers() {
	for _, field := range fieldsOf("integer") {
		below, above := "-2147483649", "2147483648"
		if property(field).Format == "int64" {
			below, above = "-9223372036854775809", "9223372036854775808"
		}
		c.reject(field+"/"+above, field, "format", around(field), set(field, number(above)))
		c.reject(field+"/"+below, field, "format", around(field), set(field, number(below)))
	}
	c.reject("thumbnail.dots/2147483648", "thumbnail.dots[0]", "format", around("thumbnail.dots"),
		set("thumbnail.dots", []number{"2147483648"}))
	c.accept("category_id/-0", set("category_id", number("-0"))).Needs = Imaginary
	c.reject("category_id/400 digits", "category_id", "format", set("category_id", number(strings.Repeat("9", 400))))
	c.rejectText("category_id/1e400", "category_id", "type", c.splice("category_id", "1e400"))
	c.rejectText("category_id/-1E0", "category_id", "type", c.splice("category_id", "-1E0"))
	for _, spelling := range []string{"+1", ".5", "NaN", "Infinity"} {
		c.rejectText("category_id/"+spelling, "category_id", "json", c.splice("category_id", spelling))
	}
	for _, spelling := range []string{"01", "0x1"} { // the number ends after its 0
		c.rejectText("category_id/"+spelling, "", "json", c.splice("category_id", spelling))
	}
}

// fields has names that are unknown, given twice or spelled in other ways.
func (c *corpus) fields() {
	unknown := func(name, field string, edits ...edit) {
		c.reject("fields/"+name, field, "additionalProperties", append(edits, set(field, 1))...)
	}
	unknown("unknown", "color")
	for _, above := range fieldsOf("object") {
		unknown("unknown in "+above, above+".unknown", around(above+".unknown"))
	}
	unknown("of input at the top", "bucket")
	unknown("camel case", "videoType")
	unknown("upper case", "TITLE")
	unknown("one letter in upper case", "Title")
	unknown("upper case in input", "input.Bucket")
	unknown("long s", "auto_publi\u017fh")
	unknown("Kelvin sign", "wor\u212aflow_name")
	unknown("space behind", "title ")
	unknown("__proto__", "__proto__")
	c.rejectText("fields/without a name", "", "additionalProperties", c.prefixed(`"":1,`))

	for name, again := range map[string]struct{ field, text string }{
		"the same value": {"title", `"title":"A film",`},
		"another value":  {"title", `"title":"Other",`},
		"by an escape":   {"title", `"\u0074itle":"Other",`},
		"an object":      {"input", `"input":{"bucket":"b","location":"` + c.names.Region + `","object":"o"},`},
	} {
		c.rejectText("fields/twice, "+name, again.field, "json", c.prefixed(again.text))
	}
	nested := strings.Replace(string(c.body()), `"bucket":`, `"bucket":"other","bucket":`, 1)
	c.rejectText("fields/twice, in input", "input.bucket", "json", []byte(nested))

	c.acceptText("fields/name with an escape", bytes.Replace(c.body(), []byte(`"title"`), []byte(`"\u0074itle"`), 1))
	c.rejectText("fields/single quotes", "", "json", c.prefixed(`'tags':"x",`))
	c.rejectText("fields/no quotes", "", "json", c.prefixed(`tags:"x",`))
	c.rejectText("fields/no colon", "tags", "json", c.prefixed(`"tags" "x",`))
	c.rejectText("fields/name not UTF-8", "", "encoding", c.prefixed("\"\xff\":1,"))
}

// prefixed is the smallest request with text between its brace and its first field.
func (c *corpus) prefixed(text string) []byte {
	return append([]byte("{"+text), c.body()[1:]...)
}

// text has bodies and strings as bytes: encodings, ends, depth.
func (c *corpus) text() {
	body := string(c.body())
	for name, text := range map[string]string{"newline behind": body + "\n", "white space around": "\r\n\t " + body + " \t\r\n"} {
		c.acceptText("text/"+name, []byte(text))
	}
	for name, text := range map[string]string{
		"empty": "", "only spaces": "  ", "only a brace": "{", "no last brace": body[:len(body)-1], "byte order mark": "\ufeff" + body,
		"UTF-16": wide(body), "form": "title=A+film&video_type=MP4", "XML": "<title>A film</title>", "comment": "/* dump */" + body,
		"second object": body + "{}", "second object on a new line": body + "\n" + body, "brace behind": body + "}",
		"comma behind": body + ",", "NUL behind": body + "\x00", "semicolon for a colon": strings.Replace(body, ":", ";", 1),
	} {
		c.rejectText("text/"+name, fieldOf(name), "json", []byte(text))
	}
	c.rejectText("text/comma before the last brace", "", "json", []byte(body[:len(body)-1]+",}"))
	c.rejectText("text/50,000 open brackets", "", "json", bytes.Repeat([]byte("["), 50_000))
	c.rejectText("text/20,000 deep", "title", "json", c.splice("title", strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)))
	c.rejectText("text/20,000 deep in an unknown field", "color", "json",
		c.splice("color", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)))

	c.acceptText("text/escapes", c.splice("title", `"\u4e00\ud83c\udfac\n\"\\\/"`))
	for name, title := range map[string]string{
		"lone high surrogate": `"\ud800"`, "lone low surrogate": `"\udfac"`, "surrogates swapped": `"\udfac\ud83c"`,
		"raw line break": "\"a\nb\"", "raw NUL": "\"a\x00b\"", "unknown escape": `"\x41"`, "short escape": `"\u12"`,
	} {
		c.rejectText("text/"+name, "title", "json", c.splice("title", title))
	}
	for name, title := range map[string]string{
		"a byte that is not UTF-8": "\"\xff\"", "Latin-1": "\"caf\xe9\"", "overlong": "\"\xc0\xaf\"", "encoded surrogate": "\"\xed\xa0\x80\"",
	} {
		c.rejectText("text/"+name, "title", "encoding", c.splice("title", title))
	}
	c.rejectText("text/a tag that is not UTF-8", "tags", "encoding", c.splice("tags", "\"a,\xff\""))
	c.rejectText("text/a bucket that is not UTF-8", "input.bucket", "encoding", c.splice("input.bucket", "\"\xff\""))
}

// fieldOf names the field in which a broken text of that name breaks.
func fieldOf(name string) string {
	if name == "semicolon for a colon" {
		return "input" // the first field in the order of the alphabet
	}
	return ""
}

func wide(s string) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune(s)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}
