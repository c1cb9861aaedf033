package main

import "github.com/spf13/cobra"

// newEnvironmentTopic has no run function, which makes it a topic of "vod help".
func newEnvironmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "Where settings and credentials come from",
		Long:  environmentText,
	}
}

// newExitCodesTopic is a topic as well.
func newExitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long:  "The exit code indicates what happened:\n\n" + exitTable(),
	}
}

const environmentText = `Settings without a flag are read from the environment, and then from a file. For
the credentials the first place that has any wins, as a whole: a key from one place
is never joined with a secret from another.

  flags          --access-key with --secret-key-file, or --token-file; then the section that
                 --profile and --credentials-file name
  VOD_*          VOD_ACCESS_KEY, VOD_SECRET_KEY, VOD_SECURITY_TOKEN, or VOD_AUTH_TOKEN
  SDK's          HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, HUAWEICLOUD_SDK_SECURITY_TOKEN
  Terraform's    HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, or HW_AUTH_TOKEN
  file           ak, sk and security_token under [basic] in ~/.huaweicloud/credentials

Each of the other settings is taken from the first place that has it:

  project        --project-id, VOD_PROJECT_ID, HUAWEICLOUD_SDK_PROJECT_ID,
                 HW_PROJECT_ID, project_id in the file
  region         --region, VOD_REGION, HW_REGION_NAME
  endpoint       --endpoint, VOD_ENDPOINT, HUAWEICLOUD_SDK_REGION_VOD_<REGION> such as
                 HUAWEICLOUD_SDK_REGION_VOD_CN_NORTH_4, the cloud's own of the region
  storage        VOD_S3_ENDPOINT with VOD_S3_ACCESS_KEY, VOD_S3_SECRET_KEY and, where the
                 bucket belongs into the path, VOD_S3_PATH_STYLE=true; for the cloud's
                 endpoints its OBS of the region, with the credentials above
  file           --credentials-file, HUAWEICLOUD_SDK_CREDENTIALS_FILE
  its section    --profile, VOD_PROFILE

vod serve has variables of its own, two of them for secrets that need not be in its
files:

  database       VOD_DATABASE, a postgres:// URL, instead of the configuration's
  key            VOD_KEY, what vod.key would hold
  traces         OTEL_EXPORTER_OTLP_ENDPOINT, a collector that takes OTLP over HTTP

HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honored. NO_COLOR set to anything, like
--no-color, keeps color out of the messages.

Secrets are never taken from the command line, where every user of the machine could
read them, and never shown.`
