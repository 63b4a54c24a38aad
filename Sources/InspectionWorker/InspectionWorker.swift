import Inspection
import LinuxFiles
public import RegistryPorts
