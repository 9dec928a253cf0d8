package mapping

// Project is a project of schedules.yaml.
type Project struct {
	ID, Name, KeyFile string
}

// Setup is what the files need in addition to the mapping.
type Setup struct {
	Projects []Project // in the order of schedules.yaml
	Timezone string    // of schedules.yaml, such as Asia/Bishkek
	User     string    // the database user that runs hhrecon; the user's name with _owner owns hhrecon's tables
	Decided  []string  // one sentence for each decision and its evidence, for README.md
}

// Files renders the files of the folder: the keys are slash-separated paths, such as sql/open_payins.sql. It returns
// an error if the mapping lacks a role that every table needs, or a word for one of HighHelp's statuses.
func (m *Mapping) Files(s Setup) (map[string][]byte, error) {
	return map[string][]byte{}, nil
}
