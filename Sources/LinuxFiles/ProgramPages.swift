import CLinux

/// The pages of this process that are the program itself and the libraries it is linked to.
public enum ProgramPages {
    /// Takes them out of this process. What is needed again comes back from the page cache, without reading a disk
    /// where memory is not short.
    ///
    /// Loading and starting touch many times the pages that serving needs, and a process that ends weeks later would
    /// be charged for them all that time. Nothing that was written is given back.
    public static func giveBack() {
        clinux_give_back_program_pages()
    }
}
