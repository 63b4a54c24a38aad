extension Policy {
    /// The policy of a registry that nobody configured, as the YAML that `securectl policy show` prints.
    ///
    /// Tensor formats and documents that inspect clean are admitted. Whatever can run code, and whatever is not
    /// known, is not. What a person has to look at takes a waiver.
    public static let defaultDocument = """
        pratique: policy/v1
        name: default
        version: "2"
        rules:
          - id: inspection-blocks
            effect: deny
            when: { verdict: { has_any: [block] } }
            message: The inspection found something that must not be loaded.
          - id: inspection-asks-for-review
            effect: deny
            when: { verdict: { has_any: [review] } }
            message: The inspection found something that a person has to look at.
          - id: class-not-admitted
            effect: deny
            when: { format_class: { has_any: [code, archive, unknown] } }
            message: Formats that can carry code, and content that is not recognised, need a policy of their own.
          - id: pickle-not-admitted
            effect: deny
            when: { format_group: { has_any: [pickle] } }
            message: Pickles run code when they are loaded, so that they need a policy of their own.
          - id: clean-tensors-and-documents
            effect: admit
            when: { verdict: clean, format_class: [tensors, document] }
            message: Tensor formats and documents that inspect clean are admitted.
        waivers:
          verdicts: [review]
          days_max: 90
        on_recheck_failure: report

        """
}
