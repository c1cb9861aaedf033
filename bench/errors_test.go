package bench_test

import (
	"errors"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

// errorCode returns the error_code behind an error of the official SDK, or "".
func errorCode(err error) string {
	var answer *sdkerr.ServiceResponseError
	if errors.As(err, &answer) {
		return answer.ErrorCode
	}
	return ""
}
