// Package highhelp is the client of the HighHelp payment gateway: it creates
// payins, asks for their state and for the register's balance, and verifies the
// alerts that the gateway sends.
//
// Start with [ParsePrivateKey] and [New], then call [Client.PayinInfo]:
//
//	key, err := highhelp.ParsePrivateKey(pemText)
//	…
//	client, err := highhelp.New(highhelp.Config{
//		ProjectID: "57aff4db-b45d-42bf-bc5f-b7a499a01782",
//		Signing:   highhelp.Signing{PrivateKey: key},
//	})
//	…
//	defer client.Close()
//	info, err := client.PayinInfo(ctx, "PAYMENT-KGS-123456")
//
// For alerts there are [VerifyAlert] and [ParseAlert], which are pure and need no client.
//
// What the package promises:
//
//   - Every amount is an int64 of minor units as the gateway wrote it. An amount
//     that is a float, a text or too large is [ErrMalformed], never rounded.
//   - An outage never looks like a verdict: whatever is not an answer in the
//     documented form ends as [ErrUnreachable] or [ErrMalformed], and only an
//     answer that plainly says so is [ErrNotFound].
//   - Reading calls are repeated with growing, jittered pauses, each try signed
//     anew. Creating is repeated only where HighHelp certainly did not process the
//     request; where that is not certain the error is also [ErrStateUnknown].
//   - Rate and Concurrency of [Config] hold for the client as a whole, retries
//     included. A Client is safe for use by many goroutines. Where more of them
//     call than Concurrency lets through, their requests are signed while they
//     wait, so that signing takes no time from a request's slot; with RSA half as
//     many on top are enough.
//   - Keys, secrets, tokens, signatures and bodies are never logged.
//
// What the gateway's documentation leaves open about signatures is a setting, see
// [Variant]; [RequestVariants] and [AlertVariants] list what a probe should try.
package highhelp
