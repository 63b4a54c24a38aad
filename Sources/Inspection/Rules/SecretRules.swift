/// Rules about credentials in texts. A finding says what it is and where, never what it says.
enum SecretRules {
    private static let withdraw =
        "Withdraw it where it was issued: whoever has the file has it. Then remove it and publish the file again."

    static let all: [Rule] = [
        Rule(
            .secretPrivateKey, .high, .review, "The file contains a private key",
            meaning: "Whoever reads the file can sign, log in or decrypt as the owner of the key.", remedy: withdraw),
        Rule(
            .secretEncryptedKey, .medium, .review, "The file contains a private key under a password",
            meaning: "Whoever reads the file and guesses the password has the key.", remedy: withdraw),
        Rule(
            .secretToken, .high, .review, "The file contains a credential of a service",
            meaning:
                "Its form, length and checksum or randomness are those of a key or token that the service issues. "
                + "Whoever reads the file can use it.",
            remedy: withdraw),
        Rule(
            .secretInAddress, .medium, .review, "An address contains a password",
            meaning: "The address gives user and password of a machine that it names.", remedy: withdraw),
        Rule(
            .secretValue, .medium, .review, "Something that is called secret has a value that looks random",
            meaning: "A name such as api_key or password is given a value that nobody would write by hand.",
            remedy: "See whether it is one. " + withdraw),
    ]
}
