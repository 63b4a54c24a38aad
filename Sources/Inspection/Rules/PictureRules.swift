/// Rules about pictures.
enum PictureRules {
    static let all: [Rule] = [
        Rule(
            .pictureMalformed, .medium, .review, "The picture is not whole",
            meaning: "It begins like a picture, and its structure breaks off. Something else may be in it.",
            remedy: "Look at the picture. Transfer it again, or save it anew."),
        Rule(
            .pictureTrailingBytes, .medium, .review, "There are bytes behind the picture",
            meaning: "Programs that show it pass over them. Somebody may have put other content there.",
            remedy: "Save the picture anew, and ask its publisher what the rest is."),
    ]
}
