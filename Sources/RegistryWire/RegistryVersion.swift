/// The version of both programs.
public enum RegistryVersion {
    public static let current = "0.1.0"
}
