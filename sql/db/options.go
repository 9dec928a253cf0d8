package db

import (
	"fmt"
	"slices"
	"strings"
)

// connectionOptions are the options that lib/pq accepts.
var connectionOptions = []string{
	"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "options", "application_name",
	"fallback_application_name", "sslmode", "sslnegotiation", "sslcert", "sslkey", "sslrootcert", "sslsni",
	"ssl_min_protocol_version", "ssl_max_protocol_version", "sslinline", "krbsrvname", "krbspn",
	"connect_timeout", "binary_parameters", "disable_prepared_binary_result", "client_encoding", "datestyle",
	"tz", "geqo", "target_session_attrs", "load_balance_hosts", "min_protocol_version",
	"max_protocol_version", "service", "servicefile",
}

// runtimeOptions are parameters of the server that a session may set.
var runtimeOptions = []string{
	"bytea_output", "client_min_messages", "default_tablespace", "default_transaction_deferrable",
	"default_transaction_isolation", "default_transaction_read_only", "deadlock_timeout", "extra_float_digits",
	"idle_in_transaction_session_timeout", "idle_session_timeout", "intervalstyle", "jit", "lc_messages",
	"lc_monetary", "lc_numeric", "lc_time", "lock_timeout", "log_min_duration_statement", "log_statement",
	"maintenance_work_mem", "max_parallel_workers_per_gather", "plan_cache_mode", "random_page_cost", "role",
	"row_security", "search_path", "session_authorization", "statement_timeout", "synchronous_commit",
	"tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout",
	"temp_buffers", "temp_tablespaces", "timezone", "transaction_timeout", "work_mem",
}

// checkOption rejects an unknown option of the URL, for example sslmod=verify-full. Without this check, lib/pq would
// send the option to the server. The server would reject the option late, or a pooler would ignore the option.
func checkOption(name string) error {
	if slices.Contains(connectionOptions, name) || slices.Contains(runtimeOptions, strings.ToLower(name)) {
		return nil
	}
	if strings.Contains(name, ".") { // a setting of an extension
		return nil
	}
	return fmt.Errorf("the database's URL has the option %q, which neither lib/pq nor hhrecon knows; "+
		"a parameter of the server can be set by options=-c%%20%s=…", name, name)
}
