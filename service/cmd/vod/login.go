package main

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/signer"
)

// login finds out who calls, and where: the flags, then the environment, then the credentials file. That there are no
// credentials is not an error yet: Source is empty then.
func (s *session) login() (signer.Login, error) {
	secretKey, err := s.readSecret(s.options.secretKeyFile)
	if err != nil {
		return signer.Login{}, err
	}
	token, err := s.readSecret(s.options.tokenFile)
	if err != nil {
		return signer.Login{}, err
	}
	chain := signer.Chain{
		Explicit: signer.Login{
			Credentials: signer.Credentials{AccessKey: s.options.accessKey, SecretKey: secretKey},
			Token:       token,
			ProjectID:   s.options.projectID,
			Region:      s.options.region,
			Endpoint:    s.options.endpoint,
		},
		Environ: s.environ,
	}
	login, err := chain.Find()
	if err != nil && !errors.Is(err, signer.ErrNoCredentials) {
		return signer.Login{}, credentialsFailure(err)
	}
	return login, nil
}

// environ is the environment, with the flags that have a variable of their own over it.
func (s *session) environ(name string) string {
	switch {
	case name == "VOD_PROFILE" && s.options.profile != "":
		return s.options.profile
	case name == "HUAWEICLOUD_SDK_CREDENTIALS_FILE" && s.options.credentialsFile != "":
		return s.options.credentialsFile
	}
	return os.Getenv(name)
}

// regionalEndpoint is what the cloud's SDKs are told to use for VOD in one region, or nothing.
func regionalEndpoint(region string) string {
	if region == "" {
		return ""
	}
	name := "HUAWEICLOUD_SDK_REGION_VOD_" + strings.ToUpper(strings.ReplaceAll(region, "-", "_"))
	// The SDKs take a list there and start with its first.
	endpoint, _, _ := strings.Cut(os.Getenv(name), ",")
	return strings.TrimSpace(endpoint)
}

func credentialsFailure(err error) error {
	return &failure{
		code:  exitCredentials,
		what:  strings.TrimPrefix(err.Error(), "signer: "),
		next:  "vod help environment",
		cause: err,
	}
}

// client makes the client of the service and project that flags, environment and file name.
func (s *session) client() (*client.Client, error) {
	login, err := s.login()
	if err != nil {
		return nil, err
	}
	return connect(login)
}

// connect makes the client of the service and project that login names.
func connect(login signer.Login) (*client.Client, error) {
	return connectWith(login, client.RetryPolicy{})
}

// connectWith is connect for a caller who decides himself when to repeat a call.
func connectWith(login signer.Login, retry client.RetryPolicy) (*client.Client, error) {
	config := serviceOf(login)
	config.Retry = retry
	switch {
	case login.Source == "":
		return nil, credentialsFailure(signer.ErrNoCredentials)
	case login.ProjectID == "":
		return nil, &failure{
			code: exitCredentials,
			what: "there is no project ID",
			next: "give --project-id, or set VOD_PROJECT_ID; the console shows it under My Credentials",
		}
	}
	var err error
	if config.Auth, err = login.Authenticator(); err != nil {
		return nil, credentialsFailure(err)
	}
	return newClient(config)
}

// serviceOf is the service and the project that login names, without credentials.
func serviceOf(login signer.Login) client.Config {
	return client.Config{
		Endpoint:  cmp.Or(login.Endpoint, regionalEndpoint(login.Region)),
		Region:    login.Region,
		ProjectID: login.ProjectID,
	}
}

// newClient tells what is wrong with an endpoint, region or project that cannot be one.
func newClient(config client.Config) (*client.Client, error) {
	c, err := client.New(config)
	if err != nil {
		return nil, &failure{
			code:  exitUsage,
			what:  strings.TrimPrefix(err.Error(), "client: "),
			next:  "check --endpoint, --region and --project-id, or their variables: vod help environment",
			cause: err,
		}
	}
	return c, nil
}
