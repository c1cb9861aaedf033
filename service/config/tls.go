package config

import "path/filepath"

// TLS are the files of a certificate, in PEM. They are read again when the configuration is.
type TLS struct {
	// Certificate is the path of the certificate with its chain, Key that of its private key; absolute, both or neither.
	Certificate string `yaml:"certificate,omitempty"`
	Key         string `yaml:"key,omitempty"`
}

// Enabled reports whether there is a certificate.
func (t TLS) Enabled() bool { return t.Certificate != "" }

// Scheme is how the URL of the API begins where no proxy is in front of it.
func (c Config) Scheme() string {
	if c.TLS.Enabled() {
		return "https://"
	}
	return "http://"
}

func (t TLS) check(fault func(string, ...any)) {
	for _, f := range []struct{ field, path, other string }{{"certificate", t.Certificate, t.Key}, {"key", t.Key, t.Certificate}} {
		switch {
		case f.path == "" && f.other != "":
			fault("tls.%s: is missing", f.field)
		case f.path != "" && !filepath.IsAbs(f.path):
			fault("tls.%s: %q is not an absolute path", f.field, f.path)
		}
	}
}
