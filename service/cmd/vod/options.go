package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// options are the flags that every command has.
type options struct {
	endpoint        string
	region          string
	projectID       string
	accessKey       string
	secretKeyFile   string
	tokenFile       string
	profile         string
	credentialsFile string
	timeout         time.Duration
	output          string
	quiet           bool
	noColor         bool
}

const (
	outputText = "text"
	outputJSON = "json"
	outputCSV  = "csv"
)

// annotationCSV marks the commands that can also write CSV.
const annotationCSV = "csv"

func (o *options) register(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringVar(&o.endpoint, "endpoint", "", "base `URL` of the service (default: that of the region)")
	flags.StringVar(&o.region, "region", "", "`NAME` of the region of service and buckets, such as cn-north-4")
	flags.StringVar(&o.projectID, "project-id", "", "`ID` of the project that owns the assets")
	flags.StringVar(&o.accessKey, "access-key", "", "`ID` of the access key; its secret comes from --secret-key-file")
	flags.StringVar(&o.secretKeyFile, "secret-key-file", "", "read the secret key from `FILE`, or - for standard input")
	flags.StringVar(&o.tokenFile, "token-file", "", "read an IAM token from `FILE`, or - for standard input")
	flags.StringVar(&o.profile, "profile", "", "`SECTION` of the credentials file (default: basic)")
	flags.StringVar(&o.credentialsFile, "credentials-file", "", "credentials `FILE` (default: ~/.huaweicloud/credentials)")
	flags.DurationVar(&o.timeout, "timeout", 0, "longest `TIME` that the command may take, such as 90s (default: no limit)")
	flags.StringVarP(&o.output, "output", "o", outputText, "`FORMAT`: text, or json for the answers of the API")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but errors")
	flags.BoolVar(&o.noColor, "no-color", false, "no color in messages")
	completeWith(root, "output", []string{outputText, outputJSON})
}

// check refuses values that the command cannot use.
func (o *options) check(cmd *cobra.Command) error {
	_, table := cmd.Annotations[annotationCSV]
	if o.output != outputText && o.output != outputJSON && (o.output != outputCSV || !table) {
		return fmt.Errorf("--output is text or json, not %q", o.output)
	}
	if o.timeout < 0 {
		return errors.New("--timeout must not be negative")
	}
	return nil
}

func (o *options) json() bool { return o.output == outputJSON }
