// Package highhelp is a client of the HighHelp payment gateway. The package creates payins, reads their state and the
// project's balance, and verifies the gateway's alerts. HighHelp also calls a project a cash register.
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
// For alerts, call [VerifyAlert] and [ParseAlert]. Both are pure functions and need no client.
//
// The package promises:
//
//   - Every amount is an int64 of minor units, exactly as the gateway wrote it. An amount that is a float, a string or
//     too large is [ErrMalformed]. Amounts are never rounded.
//   - An outage never looks like a payment result. An answer that is not in the documented form is [ErrUnreachable] or
//     [ErrMalformed]. The error is [ErrNotFound] only if the answer clearly says that the payin is unknown.
//   - Calls that only read are retried with exponential backoff and jitter. Each attempt has a new signature. Creating
//     a payin is retried only if HighHelp certainly did not process the request. If this is not certain, the error is
//     also [ErrStateUnknown].
//   - Rate and Concurrency of [Config] limit the client as a whole, retries included. A Client is safe for use by many
//     goroutines. If more goroutines call than Concurrency allows, their requests are signed while they wait. With
//     RSA, 1.5 times as many goroutines as Concurrency are enough to keep every slot busy.
//   - Keys, secrets, tokens, signatures and bodies are never logged.
//
// HighHelp's documentation does not specify some details of the signature. [Variant] sets these details.
// [RequestVariants] and [AlertVariants] list the variants that a probe tries.
package highhelp
