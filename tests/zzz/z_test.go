package zzz
import ("testing";"context";"fmt";"math/rand/v2"
"gpusim/cpuref";"gpusim/gpu";"gpusim/model";"gpusim/network";"gpusim/examples")
func TestZ(t *testing.T){
 d,err:=gpu.Open(gpu.Options{Invocations:8}); if err!=nil{t.Fatal(err)}
 for _,c:=range []struct{N int;dt string;seed int;in,g float64}{{37,"0.05",548272,1.8381,0.007286},{37,"0.05",482834,.6139,.006575},{100,"0.05",425435,1.2058,.002812},{100,"0.04",715055,.9699,.002157},{100,"0.04",666735,.6591,.002821}}{
  var o model.LoadOptions
  o.Set=[]model.Override{{Name:"interneurons.size",Value:fmt.Sprint(c.N)},{Name:"dt",Value:c.dt}}
  f,_,err:=model.Parse("g.yaml",[]byte(examples.Gamma),"",o); if err!=nil{t.Fatal(err)}
  run:=func(dev network.Device,eps float64)([][]int64,float64){
   n,_:=network.Compile(f,dev,nil); defer n.Close()
   n.Set("run.seed",c.seed); n.Set("inputs.0.value",c.in); n.Set("gaba.g_max",c.g)
   v,_:=n.Get("interneurons.V"); h,_:=n.Get("interneurons.h"); nn,_:=n.Get("interneurons.n")
   r:=rand.New(rand.NewPCG(3,4))
   if eps>0 {for i:=range v{v[i]+=eps*r.NormFloat64()}; n.Set("interneurons.V",v);n.Set("interneurons.h",h);n.Set("interneurons.n",nn)}
   res,err:=n.Run(context.Background(),500); if err!=nil{t.Fatal(err)}
   m,_:=network.Measure(f,res,0)
   x:=res.Instances[0].Spikes[0]; tr:=make([][]int64,c.N);for j,s:=range x.Steps{tr[x.Neurons[j]]=append(tr[x.Neurons[j]],s)}
   return tr,m[0].Value}
  ref,cc:=run(network.Adapt(cpuref.New()),0)
  cmp:=func(what string,x [][]int64,c2 float64){ ne,al,bad:=0,0,0; for j:=range x{ al+=len(ref[j]); if len(x[j])!=len(ref[j]){bad++; continue}; for q:=range x[j]{ if e:=x[j][q]-ref[j][q]; e>=-1&&e<=1{ne++}}}
   fmt.Printf("%v %s: other counts %d, near %d of %d, cc %.4f %.4f\n",c,what,bad,ne,al,c2,cc)}
  x,c2:=run(network.Adapt(d),0); cmp("gpu",x,c2)
  for _,eps:=range []float64{1e-9,1e-7,1e-6,1e-5,1e-4}{ x,c2:=run(network.Adapt(cpuref.New()),eps); cmp(fmt.Sprint("cpu+",eps),x,c2)}
 }
}
