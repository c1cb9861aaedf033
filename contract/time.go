package contract

// TimeLayout is how the API writes times, in UTC, as package time has it.
const TimeLayout = "20060102150405"
