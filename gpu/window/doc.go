// Package window opens a glctx.Context through a hidden GLFW window, for systems where
// OpenGL comes only with a window (Windows) and for the live view. It is the only
// package that links GLFW and the window system's libraries; the build tag nowindow
// leaves them out, and Open then says so.
package window
